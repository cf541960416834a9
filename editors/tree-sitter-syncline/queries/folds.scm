[
  (body)
  (fields)
] @fold
