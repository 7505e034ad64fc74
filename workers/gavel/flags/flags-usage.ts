/** How the usage line shows the command; apart from it, so that no other command loads its libraries. */
export const FLAGS_USAGE =
  "flags list [--state open|claimed|confirmed|dismissed]... [--severity low|medium|high]... [--segment NAME] [--limit N] [--json] | flags show|history FLAG [--json] | flags claim|release|confirm|dismiss|reopen FLAG [--reason TEXT] [--as NAME]";
