// Builds static/build/ from static/src/ and from the packages: one style sheet, the client script and
// the modules it imports. The packages' fonts, crest and icons are not copied.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const source = dirname(fileURLToPath(import.meta.url));
const root = resolve(source, "../..");
const target = join(root, "static/build");
const modules = join(root, "node_modules");

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const compile = (sheet) =>
  sass.compile(join(source, "scss", `${sheet}.scss`), {
    loadPaths: [modules, root],
    quietDeps: true,
    style: "compressed",
  }).css;
// A background picture of theirs would be asked for under an address that nothing serves.
const css = (compile("moj") + compile("app")).replace(/background-image:url\("?\/assets[^)]*\);?/g, "");
writeFileSync(join(target, "app.css"), css);

for (const script of readdirSync(join(source, "js"))) {
  copyFileSync(join(source, "js", script), join(target, script));
}

// Source maps are not served, so the comments that point to them go too.
const vendored = {
  "govuk-frontend.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
  "htmx.js": "htmx.org/dist/htmx.min.js",
};
for (const [name, path] of Object.entries(vendored)) {
  const code = readFileSync(join(modules, path), "utf8").replace(/\n?\/\/# sourceMappingURL=.*$/m, "\n");
  writeFileSync(join(target, name), code);
}
console.log(`built ${readdirSync(target).length} files in static/build`);
