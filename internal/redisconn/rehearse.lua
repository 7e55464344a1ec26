-- rehearse writes as the program's own scripts do, and leaves nothing.
-- KEYS[1]  a key that nothing reads
-- returns  1
redis.call('SET', KEYS[1], redis.call('TIME')[1], 'PX', 60000)
return redis.call('DEL', KEYS[1])
