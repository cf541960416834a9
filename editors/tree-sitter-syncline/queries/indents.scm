; In the words of nvim-treesitter.
[
  (body)
  (fields)
] @indent.begin

"}" @indent.branch @indent.end
