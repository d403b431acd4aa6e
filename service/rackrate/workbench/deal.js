// The deal: two documents, each with its past and future, changed by JSON pointer; what is typed but not valid yet.
import { batch, computed, signal } from "./html.js";

const STEPS = 200; // that can be undone
const JOINED_MS = 1000; // edits of one field within this are one step

const makeDeal = () => ({
    document: signal(null),
    past: signal([]),
    future: signal([]),
    drafts: signal({}),
    last: { pointer: null, at: 0 },
});
export const deals = [makeDeal(), makeDeal()];
export const chosen = signal(0); // which of the two is edited
export const deal = computed(() => deals[chosen.value]);
export const present = computed(() => deal.value.document.value);
export const held = computed(() => deals[1 - chosen.value].document.value);
export const drafts = computed(() => deal.value.drafts.value);
export const edited = signal(0); // counts every change, so that an answer knows whether it is the newest
export const begun = signal(0); // counts what is no edit: another document, or a step taken back
export const selection = signal("/sizing/tests"); // the part of the deal whose form is shown

export const pathOf = (pointer) =>
    pointer
        .split("/")
        .slice(1)
        .map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"));
export const join = (pointer, key) => `${pointer}/${String(key).replace(/~/g, "~0").replace(/\//g, "~1")}`;

// A case of a deal by its name; empty where the deal leaves it to the ruleset.
export const caseOf = (deal, name) => (deal.cases || []).find((one) => one.name === name) || {};
// What is at a pointer; undefined where there is nothing.
export function valueAt(document, pointer) {
    return pathOf(pointer).reduce(
        (node, key) => (node === null || node === undefined ? undefined : node[key]),
        document,
    );
}

// A copy with another value at a pointer, sharing all that stays; `undefined` removes a member or an item.
export function withValue(node, path, value) {
    if (!path.length) return value;
    const [key, ...rest] = path;
    if (Array.isArray(node)) {
        const copy = node.slice();
        const index = key === "-" ? copy.length : Number(key);
        if (!rest.length && value === undefined) copy.splice(index, 1);
        else copy[index] = withValue(copy[index], rest, value);
        return copy;
    }
    const copy = { ...node };
    const next = withValue(copy[key], rest, value);
    if (next === undefined) delete copy[key];
    else copy[key] = next;
    return copy;
}

function become(document, joins) {
    const { document: now, past, future, last } = deal.peek();
    const moment = performance.now();
    const joined = joins !== null && last.pointer === joins && moment - last.at < JOINED_MS && past.peek().length > 0;
    batch(() => {
        if (!joined && now.peek())
            past.value = [...past.peek(), { document: now.peek(), selection: selection.peek() }].slice(-STEPS);
        future.value = [];
        now.value = document;
        edited.value += 1;
    });
    Object.assign(last, { pointer: joins, at: moment });
}

export function edit(pointer, value) {
    const before = valueAt(present.peek(), pointer);
    batch(() => {
        forgetDraft(pointer);
        if (before === value || (value !== null && typeof value !== "object" && Object.is(before, value))) return;
        become(withValue(present.peek(), pathOf(pointer), value), pointer);
    });
}

// Change many places in one step.
export function editAll(document) {
    become(document, null);
}

// Begin with another document: its past stays, so that an opened deal can be undone.
export function open(document) {
    batch(() => {
        deal.peek().drafts.value = {};
        begun.value += 1;
        become(document, null);
    });
}

function step(from, to) {
    const { document, drafts: typed, last, ...stacks } = deal.peek();
    const stack = stacks[from].peek();
    if (!stack.length) return;
    const { document: next, selection: where } = stack[stack.length - 1];
    batch(() => {
        stacks[to].value = [...stacks[to].peek(), { document: document.peek(), selection: selection.peek() }];
        stacks[from].value = stack.slice(0, -1);
        document.value = next;
        typed.value = {};
        selection.value = where;
        begun.value += 1;
        edited.value += 1;
    });
    last.pointer = null;
}
export const undo = () => step("past", "future");
export const redo = () => step("future", "past");

// Text that is no value yet stays where it was typed; it is never sent, and keeps the deal from being asked about.
export function draft(pointer, text, message) {
    deal.peek().drafts.value = { ...drafts.peek(), [pointer]: { text, message } };
}
export function forgetDraft(pointer) {
    if (!(pointer in drafts.peek())) return;
    const { [pointer]: _, ...others } = drafts.peek();
    deal.peek().drafts.value = others;
}

export function holdBeside() {
    deals[1 - chosen.peek()].document.value = present.peek();
    deals[1 - chosen.peek()].past.value = [];
    deals[1 - chosen.peek()].future.value = [];
}
export function release() {
    deals[1 - chosen.peek()].document.value = null;
}
export function editTheOther() {
    if (!held.peek()) return;
    batch(() => {
        chosen.value = 1 - chosen.peek();
        begun.value += 1;
        edited.value += 1;
    });
}
