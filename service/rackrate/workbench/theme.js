// The theme: light or dark, as chosen, else as the system has it.
import { theme } from "./charts.js";

export function turnTheme() {
    const next = theme.peek() === "dark" ? "light" : "dark";
    try {
        localStorage.setItem("rackrate.theme", next);
    } catch {
        /* it then lasts as long as the page */
    }
    setTheme(next);
}
export function setTheme(name) {
    document.documentElement.dataset.theme = name;
    theme.value = name;
}
const wishes = matchMedia("(prefers-color-scheme: dark)");
const chosenTheme = () => {
    try {
        return localStorage.getItem("rackrate.theme");
    } catch {
        return null;
    }
};
setTheme(chosenTheme() || (wishes.matches ? "dark" : "light"));
wishes.addEventListener("change", () => chosenTheme() || setTheme(wishes.matches ? "dark" : "light"));
