-- Run once by SYS when the container's database is made; a DBA runs the same on a server of one's own.
ALTER SYSTEM SET open_cursors = 1000 SCOPE = BOTH;
