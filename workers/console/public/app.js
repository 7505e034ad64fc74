import { element } from "./dom.js";
import { openFeed } from "./feed.js";
import { pages } from "./pages.js";

const main = document.querySelector("main");
const link = document.querySelector(".link");

const name = location.pathname.slice(1);
const page = pages.find((each) => each.name === name) ?? pages[0];
document.title = `${page.title} · Gavel`;
document
  .querySelector("nav")
  .replaceChildren(
    ...pages.map(({ name, title }) =>
      element("a", { href: `/${name}`, "aria-current": name === page.name ? "page" : undefined }, [
        title,
      ]),
    ),
  );

const about = new URLSearchParams(location.search).get("about") ?? "";
const feed = openFeed(page.name, (state, text) => {
  link.dataset.state = state;
  link.querySelector(".text").textContent = text;
});
const { mount } = await page.load();
mount(main, feed);
feed.ask(about);
