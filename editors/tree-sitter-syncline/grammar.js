/**
 * The rule language of Syncline, as `grammar/src/sync.pest` has it, without what is written wrong: a file without findings
 * of syntax parses without errors here. What this one takes and that one does not is for the language server to find.
 *
 * No word is reserved. Where a word may be a keyword and a name, both are followed until one comes to nothing
 * (`conflicts`); where both come to an end, the one with fewer keywords for names counts.
 */

/** The keywords that can stand where a name can; each other one is a name wherever it is no keyword. */
const KEYWORDS = `
  a add after ago alias all always and any as ask assignment associate at back before blank both by cascade contains
  convert create created delete else ends erase even every exactly exclude excluded expect forward from given hold
  hubspot if in include integration into is joins keep known labelled least leaves less linked list map match member
  merge more most newest no none not nothing of oldest on or otherwise pass pause pick picklists prefer reach recheck
  record reject rejected relink remove replace restore roll rules salesforce same set skip starts than the through to
  together type unique unknown user valid values via wait when where write
`
  .trim()
  .split(/\s+/);

/** Words that stand one after another. */
const words = (text) => seq(...text.split(" "));

const commas = (rule) => seq(rule, repeat(seq(",", rule)));

const body = (...lines) => seq("{", repeat(choice(...lines)), "}");

module.exports = grammar({
  name: "syncline",

  word: ($) => $.identifier,

  extras: ($) => [/\s/, $.documentation, $.comment],

  conflicts: ($) => [
    [$._condition],
    [$._keyword_as_name, $._choice],
    [$._keyword_as_name, $._operand],
    [$._keyword_as_name, $._option_left],
    [$._keyword_as_name, $._option_right],
    [$._keyword_as_name, $._order],
    [$._keyword_as_name, $._scope],
    [$._keyword_as_name, $._side],
    [$._keyword_as_name, $._state],
    [$._keyword_as_name, $._test],
    [$._keyword_as_name, $._test, $._order],
    [$._keyword_as_name, $.count],
    [$._keyword_as_name, $.create],
    [$._keyword_as_name, $.expect],
    [$._keyword_as_name, $.linked],
    [$._keyword_as_name, $.match],
    [$._keyword_as_name, $.step],
    [$._right],
    [$._scope],
    [$._set],
    [$._test, $._order],
    [$.associate_row],
    [$.expect],
    [$.key],
    [$.linked],
    [$.match],
    [$.row],
  ],

  rules: {
    source_file: ($) =>
      seq(
        optional($.edition),
        repeat(
          choice(
            $.zone,
            $.sync,
            $.picklist,
            $.place,
            $.stages,
            $.owners,
            $.lifecycle,
            $.order,
            $.values,
            $.members,
            $.limits,
            $.change,
            $.test,
          ),
        ),
      ),

    edition: ($) => seq("edition", $.number),

    documentation: () => token(prec(1, /\/\/\/[^\n]*/)),
    comment: () => token(/\/\/[^\n]*/),

    // Names and values

    identifier: () => /[A-Za-z_][A-Za-z0-9_]*/,
    quoted_identifier: () => /`[^`\n]+`/,
    _name: ($) => choice($.identifier, $._quoted, $._keyword_as_name),
    _quoted: ($) => alias($.quoted_identifier, $.identifier),
    _keyword_as_name: ($) => prec.dynamic(-1, choice(...KEYWORDS.map((word) => alias(word, $.identifier)))),
    path: ($) => seq($._name, repeat(seq(token.immediate("."), $._name))),
    string: () => /"(\\.|[^"\\\n])*"/,
    number: () => /-?[0-9]+(_[0-9]+)*(\.[0-9]+(_[0-9]+)*)?/,
    date: () => /[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?/,
    option: ($) => $._name,
    _value: ($) => choice($.date, $.number, $.string, $.option),
    _set: ($) => commas($._value),
    _duration: ($) => seq($.number, choice("hours", "hour", "days", "day")),
    _side: () => choice("hubspot", "salesforce"),
    arrow: () => choice("<->", "->", "<-"),

    // Sync

    sync: ($) =>
      seq(
        "sync",
        field("name", $.block_name),
        ":",
        "hubspot",
        $._types,
        $.arrow,
        "salesforce",
        $._types,
        alias($._sync_body, $.body),
      ),
    _sync_body: ($) => body($.match, $.roll_up, $.recheck, $.both, $.to, $.map, $.associate),
    block_name: ($) => $._name,
    type: ($) => $._name,
    _types: ($) => seq($.type, repeat(seq("or", $.type))),

    match: ($) =>
      seq(
        "match",
        choice(seq($.key, repeat(seq("and", $.key))), seq("through", $.reference)),
        optional(words("or propose")),
      ),
    key: ($) => seq($.path, "=", $.path, optional(seq("as", alias($._name, $.conversion)))),
    reference: ($) => $._name,
    roll_up: ($) => seq(words("roll up"), repeat1(seq("per", alias($._name, $.unit)))),
    recheck: ($) => seq(words("recheck every"), $._duration),

    both: ($) => seq(words("both ways"), alias($._block_body, $.body)),
    to: ($) => seq("to", $._side, alias($._block_body, $.body)),
    _block_body: ($) => body($.gate, $.create, $.pick, $.relink, $.on),

    gate: ($) => seq(choice("include", "exclude"), $.rule_name, "when", $._condition),
    rule_name: ($) => $.string,

    create: ($) =>
      seq(
        "create",
        choice("nothing", $.type),
        optional(seq("from", $.type)),
        optional($.rule_name),
        optional(words("even if excluded")),
        choice(seq("when", $._condition), "otherwise", "always"),
      ),

    pick: ($) => seq("pick", $._choice, repeat(prec.dynamic(2, seq(",", "then", $._choice)))),
    _choice: ($) =>
      choice(words("most recently updated"), words("oldest created"), seq("when", $._condition), $.type),
    relink: () => seq("relink", choice("never", words("when another is picked"))),

    on: ($) =>
      seq(
        "on",
        choice("leave", "delete", "restore", "merge", "convert", "erase"),
        $._action,
        repeat(seq("and", $._action)),
      ),
    _action: ($) =>
      choice(
        "ignore",
        "freeze",
        words("keep syncing"),
        "unlink",
        "delete",
        "restore",
        "follow",
        "propose",
        seq("set", $.path, "to", $._value),
      ),

    // Rows

    map: ($) => seq("map", optional($.rule_name), optional($._winner), optional($.when), alias($._map_body, $.body)),
    _map_body: ($) => body($.row, $.together),
    together: ($) => seq("together", $.rule_name, optional($._winner), alias($._together_body, $.body)),
    _together_body: ($) => body($.row),

    row: ($) => seq(field("left", $._left), $.arrow, field("right", $._right), repeat(prec.dynamic(3, $._clause))),
    _left: ($) => seq($._operand, repeat(seq("else", $._operand))),
    _right: ($) => seq($._operand, choice(repeat(prec.dynamic(2, seq("else", $._operand))), repeat1(seq(",", $.path)))),
    _operand: ($) => choice($.string, $.number, seq(words("list of"), $.path), $.path),

    _clause: ($) =>
      choice(
        $._winner,
        $.via,
        $.as,
        $.handler,
        words("at creation"),
        words("if blank"),
        words("add only"),
        $.on_clear,
        $.if_currency,
        $.when,
      ),
    _winner: ($) =>
      choice(
        words("newest record wins"),
        words("newest wins"),
        seq($._side, "wins"),
        seq("prefer", $._side, words("unless blank")),
        words("merge values"),
        words("forward only"),
        words("ask first"),
      ),
    via: ($) => seq("via", alias($.path, $.reference)),
    as: ($) => seq("as", alias($._name, $.conversion)),
    handler: ($) => seq("or", choice("truncate", "round", "skip", "reject", "wait", seq("use", $._value))),
    on_clear: ($) => seq("on", optional($._side), "clear", choice("pass", "keep", "restore")),
    if_currency: () => seq(words("if currency differs"), choice("reject", "skip", "copy")),
    when: ($) => prec.dynamic(3, seq("when", $._condition)),

    associate: ($) => seq("associate", alias($._associate_body, $.body)),
    _associate_body: ($) => body(alias($.associate_row, $.row)),
    associate_row: ($) =>
      seq(
        field("left", $.path),
        optional($.labelled),
        $.arrow,
        field("right", $.path),
        repeat(prec.dynamic(3, $._clause)),
        optional(seq("where", $._condition)),
      ),
    labelled: ($) => seq("labelled", $.string),

    // Conditions

    _condition: ($) => seq($._atom, repeat(seq(choice("and", "or"), $._atom))),
    _atom: ($) => choice($._simple_atom, $.count),
    _simple_atom: ($) => choice($.parenthesized, $.negation, $.comparison, $.member, $.linked),
    parenthesized: ($) => seq("(", $._condition, ")"),
    negation: ($) => seq("not", "(", $._condition, ")"),
    comparison: ($) => seq(field("field", $.path), $._test),
    count: ($) =>
      prec.right(
        seq(
          choice("any", "every", "no", seq(words("at least"), $.number)),
          $.path,
          optional(seq("by", $.path)),
          optional($.labelled),
          optional(prec.dynamic(1, seq("where", $._simple_atom))),
        ),
      ),
    member: ($) => seq(words("member of list"), $.string),
    linked: ($) => seq(optional($.path), optional("not"), "linked", optional(seq("to", $.type))),

    _test: ($) =>
      choice(
        seq(
          "is",
          choice(
            seq(optional("not"), $._state),
            seq(words("in the last"), $._duration),
            seq(words("more than"), $._duration, "ago"),
            seq(words("same as"), $.path),
            seq("exactly", $.string),
            seq($._order, $._value),
            seq(choice(words("any of"), words("none of")), $._set),
            seq(optional("not"), $._value),
          ),
        ),
        seq(
          choice("contains", words("starts with"), words("ends with")),
          choice(seq(choice(words("any of"), words("all of"), words("none of")), $._set), $._value),
        ),
      ),
    _state: () => choice("known", "blank", "unique", words("a valid email")),
    _order: () =>
      choice(words("at least"), words("at most"), words("more than"), words("less than"), "before", "after"),

    // Tables of values

    picklist: ($) =>
      seq(
        "picklist",
        field("name", $.block_name),
        optional(seq(":", $.path, $.arrow, $.path)),
        alias($._picklist_body, $.body),
      ),
    _picklist_body: ($) => body($.option_row),
    option_row: ($) => seq(field("left", $._option_left), $.arrow, field("right", $._option_right)),
    _option_left: ($) => choice(seq("otherwise", optional(words("at creation"))), "blank", $._set),
    _option_right: ($) =>
      choice(
        "same",
        "blank",
        "skip",
        "reject",
        "restore",
        words("assignment rules"),
        words("integration user"),
        $._value,
      ),

    owners: ($) => seq("owners", field("name", $.block_name), alias($._owners_body, $.body)),
    _owners_body: ($) => body($.match, $.option_row),

    stages: ($) => seq("stages", field("name", $.block_name), alias($._stages_body, $.body)),
    _stages_body: ($) => body($.pipeline),
    pipeline: ($) =>
      seq("pipeline", $._value, $.arrow, words("record type"), $._value, alias($._picklist_body, $.body)),

    // The other blocks

    zone: ($) => seq("zone", $.string),

    values: ($) => seq("values", field("name", $.block_name), alias($._values_body, $.body)),
    order: ($) => seq("order", commas($.path), alias($._values_body, $.body)),
    _values_body: ($) => seq("{", optional($._set), "}"),

    place: ($) => seq("place", field("name", $.block_name), alias($._place_body, $.body)),
    _place_body: ($) => body($.setting),
    setting: ($) =>
      choice(
        seq("picklists", choice("none", "standard", "customised")),
        seq("values", choice("matched", words("as they are"))),
        seq("unknown", choice("skip", "reject")),
        seq("write", choice("names", "codes"), "to", $._side),
        seq("alias", $.string, "=", $._value),
      ),

    lifecycle: ($) => seq("lifecycle", field("name", $.path), alias($._lifecycle_body, $.body)),
    _lifecycle_body: ($) => body($.stage, $.cascade),
    stage: ($) => seq(choice("reach", words("back to")), $._value, $.rule_name, "when", $._condition),
    cascade: ($) => seq(words("cascade to"), $.path),

    members: ($) =>
      seq(
        "members",
        field("name", $.block_name),
        ":",
        words("hubspot list"),
        $.string,
        $.arrow,
        words("salesforce Campaign"),
        $.string,
        alias($._members_body, $.body),
      ),
    _members_body: ($) => body($.on, $.members_set),
    members_set: ($) => seq("set", $.path, "to", $._value, optional($.when)),

    limits: ($) => seq("limits", alias($._limits_body, $.body)),
    _limits_body: ($) => body($.limit),
    limit: ($) =>
      choice(
        seq($._side, $.number, words("calls per day")),
        seq(
          words("hold when more than"),
          $.number,
          "records",
          optional(seq("or", $.number, "%")),
          words("would change"),
        ),
        seq(words("delete at most"), $.number, words("records per pass")),
        seq("keep", $.number, "%", "of", $._side, words("for people")),
        seq(words("pause retries above"), $.number, "%", "of", $._side),
        seq(words("when short favour"), $.reference, repeat(seq(",", "then", $.reference))),
      ),

    // In a folder that builds on another

    change: ($) => seq("change", field("name", alias($._name, $.reference)), alias($._change_body, $.body)),
    _change_body: ($) => body($.put, $.remove),
    put: ($) =>
      seq(choice("add", "replace"), optional($._scope), choice($.row, $.gate, $.create, $.on, $.match)),
    _scope: ($) => choice(words("both ways"), seq("to", $._side), seq("map", optional($.rule_name))),
    remove: ($) =>
      seq("remove", optional($._scope), choice(seq(choice("include", "exclude", "create"), $.rule_name), $.path)),

    // Tests

    test: ($) => seq("test", field("name", $.rule_name), alias($._test_body, $.body)),
    _test_body: ($) => body($.step, $.expect),
    step: ($) =>
      choice(
        seq($.record, choice("joins", "leaves"), "list", $.string),
        seq(words("given list"), $.string, "contains", $.record),
        seq("given", $._side, $.type, optional(seq("as", $.record)), $.fields),
        seq("set", $.record, $.fields),
        "pass",
        seq("wait", $._duration),
        seq(choice("delete", "restore", "erase"), $.record),
        seq("convert", $.record, "to", $.type),
        seq("merge", $.record, "into", $.record),
      ),
    record: ($) => $._name,
    fields: ($) => seq("{", optional(commas($.field)), "}"),
    field: ($) => seq($.path, ":", $._value),
    expect: ($) =>
      seq(
        "expect",
        choice(
          words("no writes"),
          seq(words("excluded by"), $.rule_name),
          seq("created", $.type, "by", $.rule_name),
          seq(words("rejected by"), $.rule_name),
          seq($.record, words("linked to"), $.record),
          seq("no", $._side, $.type),
          seq($.number, $._side, "calls"),
          seq(optional($._side), $.record, $.fields, optional(seq("by", $.rule_name))),
        ),
      ),
  },
});
