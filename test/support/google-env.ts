/** Import it before a Google client: keeps the client from looking for credentials on the network. */
import { env } from "node:process";

env["METADATA_SERVER_DETECTION"] = "none";
