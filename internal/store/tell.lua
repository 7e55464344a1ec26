-- tell: append the first events of groups whose records are written.
-- KEYS[1]  the stream
-- ARGV[1]  how many events it keeps    ARGV[2…] three for each group: id, status, batch id or ""
-- returns  how many were told
for i = 2, #ARGV, 3 do
  redis.call("XADD", KEYS[1], "MAXLEN", "~", ARGV[1], "*", "type", "group", "id", ARGV[i], "status", ARGV[i + 1], "batch", ARGV[i + 2])
end
return (#ARGV - 1) / 3
