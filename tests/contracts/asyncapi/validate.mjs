// Prints what AsyncAPI's own parser finds wrong with a document, and how many messages it sees in it.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const problems = diagnostics.filter((d) => d.severity <= 1).map((d) => `${d.path.join("/")}: ${d.message}`);
console.log(JSON.stringify({ messages: document ? document.allMessages().length : 0, problems }));
process.exit(document && problems.length === 0 ? 0 : 1);
