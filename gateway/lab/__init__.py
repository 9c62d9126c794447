"""A whole library network in network namespaces: ISP side, gateway, clients. Nothing in it is a mock."""
