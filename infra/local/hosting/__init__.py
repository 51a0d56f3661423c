"""Real-time hosting: endpoints whose instances are processes of this computer.

An *instance* is one serving process with a folder of its own; the instances of one variant are a *pool*; the
pools of one endpoint configuration are a *fleet*. Traffic goes to one fleet, or is shared by two while an
update shifts it.
"""
