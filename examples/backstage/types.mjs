// SPDX-License-Identifier: Apache-2.0
// Types of TypeScript from the schema of vcluster.rpc.
//
// usage: node types.mjs SCHEMA > src/types.ts
import { readFileSync } from 'node:fs';

const schema = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const simple = { string: 'string', boolean: 'boolean', integer: 'number', number: 'number', null: 'null' };
const title = name => name[0].toUpperCase() + name.slice(1);

function type(node, indent) {
  if (node.$ref) return title(node.$ref.split('/').pop());
  if (node.enum) return node.enum.map(one => JSON.stringify(one)).join(' | ');
  if (node.oneOf) return node.oneOf.map(one => type(one, indent)).join(' | ');
  if (node.type === 'array') return `Array<${type(node.items ?? {}, indent)}>`;
  if (node.type === 'object') return object(node, indent);
  return simple[node.type] ?? 'unknown';
}

function object(node, indent) {
  const inner = `${indent}  `;
  const required = new Set(node.required ?? []);
  const members = Object.entries(node.properties ?? {}).flatMap(([name, member]) => [
    ...(member.description ? [`${inner}/** ${member.description} */`] : []),
    `${inner}${name}${required.has(name) ? '' : '?'}: ${type(member, inner)};`,
  ]);
  if (members.length === 0) {
    const value = typeof node.additionalProperties === 'object' ? type(node.additionalProperties, inner) : 'unknown';
    return node.additionalProperties === false ? 'Record<string, never>' : `Record<string, ${value}>`;
  }
  return `{\n${members.join('\n')}\n${indent}}`;
}

const lines = ['// SPDX-License-Identifier: Apache-2.0', '// Made by types.mjs from the schema of vcluster.rpc; not for editing.', ''];
for (const name of ['instance', 'error', 'progress']) {
  lines.push(`export type ${title(name)} = ${type(schema.$defs[name], '')};`, '');
}
lines.push('/** Parameters and result of each method. */', 'export interface Methods {');
for (const [name, method] of Object.entries(schema.methods)) {
  lines.push(`  /** ${method.description} */`, `  ${name}: {`);
  lines.push(`    params: ${type(method.params, '    ')};`, `    result: ${type(method.result ?? {}, '    ')};`, '  };');
}
lines.push('}');
console.log(lines.join('\n'));
