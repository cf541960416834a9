; Each pattern takes what no other one takes, so that their order means nothing: editors differ in which one wins.

(comment) @comment
(documentation) @comment.documentation

(string) @string
(number) @number
(date) @number

(arrow) @operator
["=" "%"] @operator
["{" "}" "(" ")"] @punctuation.bracket
["," ":" "."] @punctuation.delimiter

(block_name) @module
(reference (identifier) @module)
(type) @type
(conversion) @type
(unit) @type
(option) @constant
(record) @variable

; `Lead.Status`, `company.domain`: the last name is the field's.
(path (identifier) @property .)
((path (identifier) @type . (identifier))
  (#match? @type "^[A-Z]"))
((path (identifier) @module . (identifier))
  (#not-match? @module "^[A-Z]"))

[
  "a" "above" "add" "after" "ago" "alias" "all" "always" "and" "another" "any" "are" "as" "ask" "assignment"
  "associate" "at" "back" "before" "blank" "both" "by" "calls" "Campaign" "cascade" "change" "clear" "codes"
  "contains" "convert" "copy" "create" "created" "creation" "currency" "customised" "day" "days" "delete" "differs"
  "edition" "else" "email" "ends" "erase" "even" "every" "exactly" "exclude" "excluded" "expect" "favour" "first"
  "follow" "for" "forward" "freeze" "from" "given" "hold" "hour" "hours" "hubspot" "if" "ignore" "in" "include"
  "integration" "into" "is" "joins" "keep" "known" "labelled" "last" "least" "leave" "leaves" "less" "lifecycle"
  "limits" "linked" "list" "map" "match" "matched" "member" "members" "merge" "more" "most" "names" "never" "newest"
  "no" "none" "not" "nothing" "of" "oldest" "on" "only" "or" "order" "otherwise" "owners" "pass" "pause" "people"
  "per" "pick" "picked" "picklist" "picklists" "pipeline" "place" "prefer" "propose" "reach" "recently" "recheck"
  "record" "records" "reject" "rejected" "relink" "remove" "replace" "restore" "retries" "roll" "round" "rules"
  "salesforce" "same" "set" "short" "skip" "stages" "standard" "starts" "sync" "syncing" "test" "than" "the" "then"
  "they" "through" "to" "together" "truncate" "type" "unique" "unknown" "unless" "unlink" "up" "updated" "use" "user"
  "valid" "values" "via" "wait" "ways" "when" "where" "wins" "with" "would" "write" "writes" "zone"
] @keyword
