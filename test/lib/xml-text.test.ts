/** Single elements of flat XML. */
import { expect, test } from "bun:test";
import { xmlElements, xmlEscaped, xmlText } from "../../src/lib/xml-text.ts";

test("an element's text is what it says, its entities undone once", () => {
  expect(xmlText("<A><Key>a&amp;amp;&#x20AC;&#233;&quot; </Key></A>", "Key")).toBe('a&amp;€é"');
  expect(xmlText('<Owner xmlns="x">me</Owner>', "Owner")).toBe("me");
  expect(xmlText("<KeyCount>1</KeyCount>", "Key")).toBeUndefined();
  expect(xmlText("<Key>&unknown;&#x110000;</Key>", "Key")).toBe("&unknown;&#x110000;");
});

test("elements of one name are given one by one", () => {
  expect(xmlElements("<L><C><K>1</K></C><C><K>2</K></C></L>", "C")).toEqual(["<K>1</K>", "<K>2</K>"]);
  expect(xmlElements("<L/>", "C")).toEqual([]);
});

test("text is written so that it is read again", () => {
  expect(xmlText(`<K>${xmlEscaped('<a> & "b"')}</K>`, "K")).toBe('<a> & "b"');
});
