"""The Hessian door: transport, one file per operation, faults, and our clients for other systems' doors.

The walk of a call: `server` (HTTP, who is calling, limits), `hessian` (bytes to values), `method_names` (which
operation is meant), `operations` (its arguments become a command), the group commit (durable), `outcome`
(every error's answer), and back.
"""
