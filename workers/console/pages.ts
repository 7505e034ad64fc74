import { countsPage } from "./counts/counts-page.ts";
import { financePage } from "./finance/finance-page.ts";
import { reviewPage } from "./review/review-page.ts";
import type { Page } from "./server/page.ts";

/** Every page that the console serves; `public/pages.js` lists the same for the navigation. */
export const pages: readonly Page[] = [countsPage, financePage, reviewPage];
