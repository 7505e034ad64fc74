/**
 * What the worker needs before it knows where its services are: its code, and what gax makes of Google's protos
 * for the first client and keeps for the others.
 */
import { createSpannerApi } from "../../shared/io/google-clients.ts";
import "../../shared/io/pull-stream.ts";
import { createWriterClient } from "../../shared/io/writer-client.ts";
import "./post-watermarks.ts";
import "./window-worker.ts";

const nowhere = "127.0.0.1:1";
createSpannerApi("none", nowhere);
createWriterClient("none", nowhere);
