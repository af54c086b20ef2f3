/**
 * A tool's schema as Amazon's Nova takes it: of the top level "only the three fields" type, properties and required
 * (docs.aws.amazon.com/nova/latest/userguide/tool-use-definition.html; "extraneous key [definitions] is not permitted":
 * github.com/zed-industries/zed/issues/28521), so that what it defines by name stands where it is named.
 */
import { defined } from "../lib/defined.ts";
import { names } from "./body-fields.ts";
import type { Lowered } from "./claude.schema.ts";
import { withoutReferences } from "./schema-references.ts";

/** `schema` is one object already, without alternatives at its top. */
export const novaSchema = ({ schema, lost }: Lowered): Lowered => {
  const { properties = {}, required, ...others } = withoutReferences(schema);
  const unsaid = Object.keys(others).filter((word) => !UNTOLD.has(word));
  return {
    schema: { type: "object", properties, ...defined({ required }) },
    lost: [...new Set([...lost, ...unsaid])],
  };
};

/** They bound nothing, or what is taken anyway. */
const UNTOLD = names("type title description $schema $id $comment additionalProperties");
