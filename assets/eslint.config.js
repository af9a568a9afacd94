// How the front end is linted. The rules about the top level are what knobs_ui/front_end.py can join.

import js from "@eslint/js";
import globals from "globals";

const ONE_NAME = "Declare one name a statement at the top level: modules are joined into one text.";
const TOP = ":matches(Program, ExportNamedDeclaration)";

export default [
  { ...js.configs.recommended, files: ["**/*.js"] },
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      "default-case-last": "error",
      eqeqeq: "error",
      "no-else-return": "error",
      "no-implicit-coercion": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-throw-literal": "error",
      "no-unused-expressions": "error",
      "no-unused-vars": "error",
      "no-useless-rename": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
  {
    files: ["shared/**", "board/**", "map/**", "stage/**", "studio/**", "study/**", "wall/**"],
    languageOptions: { globals: globals.browser },
    rules: {
      // Names and titles are untrusted: they go in as text.
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc", "setHTMLUnsafe", "parseFromString", "createContextualFragment"].map((property) => ({ property, message: "Use make()." })),
        ...["write", "writeln"].map((property) => ({ object: "document", property, message: "Use make()." })),
      ],
      "no-restricted-syntax": [
        "error",
        { selector: `${TOP} > VariableDeclaration[declarations.1]`, message: ONE_NAME },
        { selector: `${TOP} > VariableDeclaration > .declarations > .id[type!='Identifier']`, message: ONE_NAME },
        { selector: "ImportDefaultSpecifier, ImportNamespaceSpecifier, ImportExpression", message: "Only import { names }." },
        { selector: "ExportAllDeclaration, ExportSpecifier", message: "Write export before what is declared." },
      ],
    },
  },
  { files: ["tests/**", "eslint.config.js"], languageOptions: { globals: globals.node } },
];
