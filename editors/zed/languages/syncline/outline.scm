(sync "sync" @context name: (_) @name) @item
(picklist "picklist" @context name: (_) @name) @item
(place "place" @context name: (_) @name) @item
(owners "owners" @context name: (_) @name) @item
(stages "stages" @context name: (_) @name) @item
(values "values" @context name: (_) @name) @item
(lifecycle "lifecycle" @context name: (_) @name) @item
(members "members" @context name: (_) @name) @item
(change "change" @context name: (_) @name) @item
(test "test" @context name: (_) @name) @item
(gate ["include" "exclude"] @context (rule_name) @name) @item
(create "create" @context (rule_name) @name) @item
(together "together" @context (rule_name) @name) @item
(stage "reach" @context (rule_name) @name) @item
