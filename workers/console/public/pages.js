/**
 * Every page, in the order of the navigation. A page's module exports `mount(main, feed, about)`, which
 * draws the page from the parts of its feed, and returns how to take it down.
 */
export const pages = [
  { name: "counts", title: "Counts", load: () => import("./pages/counts.js") },
  { name: "finance", title: "Finance", load: () => import("./pages/finance.js") },
  { name: "review", title: "Review", load: () => import("./pages/review.js") },
];
