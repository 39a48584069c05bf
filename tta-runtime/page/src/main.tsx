// The start of the page.

import { render } from "preact";

import { parse } from "./address";
import { listenToKeys } from "./keyboard";
import { route } from "./router";
import { Shell } from "./shell";
import { takeTokenFromAddress } from "./token";

takeTokenFromAddress();
route.value = parse(location.hash);
listenToKeys();
render(<Shell />, document.body);
