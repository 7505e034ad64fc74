import { element } from "../../dom.js";

/** Settlement states in the order in which money moves, with what each is called here. */
const states = new Map([
  ["awaitingWin", "awaiting win"],
  ["reserved", "reserved"],
  ["awaitingPayment", "awaiting payment"],
  ["underpaid", "underpaid"],
  ["settled", "settled"],
  ["overpaid", "overpaid"],
  ["disputed", "disputed"],
  ["void", "void"],
]);
const order = [...states.keys()];

export function stateOrder(state) {
  return order.indexOf(state);
}

export function stateMark(state) {
  return element("span", { class: "state", "data-state": state }, [states.get(state) ?? state]);
}
