module github.com/libvcluster/libvcluster/tests/rosetta/lifecycle/go

go 1.24

require github.com/libvcluster/libvcluster/bindings/go v0.0.0

replace github.com/libvcluster/libvcluster/bindings/go => ../../../../bindings/go
