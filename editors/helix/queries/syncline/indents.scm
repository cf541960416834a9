[
  (body)
  (fields)
] @indent

"}" @outdent
