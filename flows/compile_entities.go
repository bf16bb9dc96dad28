package flows

import (
	"slices"
	"strings"
)

// entities checks the sheet that declares what submissions make, as ODK does:
// each list once, with a name, and with the columns that making or changing one needs.
func (c *compiler) entities() {
	s := c.def.Sheet("entities")
	for _, col := range s.Columns {
		switch col.Key {
		case "list_name", "entity_id", "create_if", "update_if", "label":
		default:
			if col.Header != "" {
				c.warnf(s, 1, col.Key, "use list_name, label, create_if, update_if or entity_id, or remove the column: ODK refuses it", "%q is not a column of entities", col.Header)
			}
		}
	}
	seen := map[string]bool{}
	for _, row := range s.Rows {
		get := func(key string) string { return s.Get(row, key) }
		list := get("list_name")
		switch {
		case list == "":
			c.errorf(s, row.Number, "list_name", "name the list that the entity goes into", "an entity has no list_name")
		case !entityName(list):
			c.errorf(s, row.Number, "list_name", "begin with a letter or one _, then letters, digits, _ and -", "%q cannot be the name of a list of entities", list)
		case seen[list]:
			c.errorf(s, row.Number, "list_name", "remove one of the rows", "the list %q stands there twice", list)
		}
		seen[list] = true
		switch id, create, update := get("entity_id"), get("create_if"), get("update_if"); {
		case update != "" && id == "":
			c.errorf(s, row.Number, "entity_id", "write an expression that gives the entity's id", "to update an entity needs its entity_id")
		case id != "" && create != "" && update == "":
			c.errorf(s, row.Number, "update_if", "write when to update, or remove entity_id", "create_if beside an entity_id needs update_if, too")
		case id == "" && get("label") == "":
			c.errorf(s, row.Number, "label", "write an expression that names the entity, as ${name}", "to make an entity needs a label")
		}
		expr := func(key string) *expr {
			if src := get(key); src != "" {
				return c.compileExpr(c.form.Root, s, row.Number, key, src, false)
			}
			return nil
		}
		c.form.entities = append(c.form.entities, entityDef{list, expr("label"), expr("entity_id"), expr("create_if"), expr("update_if")})
	}
}

// entityName reports whether a list or property of entities may have the name.
func entityName(name string) bool {
	return nameRule.MatchString(name) && !strings.HasPrefix(name, "__") && !strings.Contains(name, ".")
}

// saveTo reads the property of an entity that an answer is kept as: its name,
// behind the name of the list and a # if the form has several.
func (b *builder) saveTo(n *Node, row Row) {
	n.Entity = b.s.Get(row, "save_to")
	if n.Entity == "" {
		return
	}
	refuse := func(hint, format string, args ...any) {
		b.errorf(b.s, row.Number, "save_to", hint, format, args...)
	}
	list, property, several := strings.Cut(n.Entity, "#")
	if !several {
		list, property = "", n.Entity
	}
	lists := b.entityLists()
	switch {
	case len(lists) == 0:
		refuse("add a sheet called entities with columns list_name and label", "save_to keeps answers of an entity, but the form declares none")
	case n.Kind != QuestionNode:
		refuse("move it to a question inside", "a %s cannot be kept as a property of an entity", n.word())
	case several && !slices.Contains(lists, list):
		refuse(didYouMean(list, lists), "the list %q is not in the sheet entities", list)
	case strings.EqualFold(property, "name") || strings.EqualFold(property, "label"):
		refuse("choose another name", "a property of an entity cannot be called %q", property)
	case !nameRule.MatchString(property) || strings.HasPrefix(property, "__"):
		refuse("begin with a letter or one _, then letters, digits, _ - and .", "%q cannot be the name of a property", property)
	case b.saved[n.Entity] != 0:
		refuse("keep one of them, or choose another name", "the property %q is already kept from row %d", n.Entity, b.saved[n.Entity])
	}
	b.saved[n.Entity] = row.Number
}

func (c *compiler) entityLists() []string {
	s := c.def.Sheet("entities")
	var lists []string
	for _, row := range s.Rows {
		lists = append(lists, s.Get(row, "list_name"))
	}
	return lists
}
