/**
 * What provisioning needs before it knows where the emulators are: its code, and what gax makes of Google's
 * protos for the first client and keeps for the others.
 */
import { createCreators } from "./emulated-resources.ts";
import "./provision.ts";

const nowhere = "127.0.0.1:1";
createCreators({
  project: "none",
  pubsub: nowhere,
  spanner: nowhere,
  bigqueryRest: `http://${nowhere}`,
  isGooglesPubsub: false,
});
