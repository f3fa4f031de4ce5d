namespace MsVit.MLNet;

/// <summary>The name of something in Python. It is never looked up: each is known here, or refused.</summary>
/// <param name="Name">Module and name, parted by a dot.</param>
internal sealed record PickleGlobal(string Name)
{
    public const string OrderedDict = "collections.OrderedDict";
    public const string RebuildTensor = "torch._utils._rebuild_tensor_v2";
    public const string RebuildParameter = "torch._utils._rebuild_parameter";

    /// <summary>Whether a state dict needs it.</summary>
    public bool IsKnown => Name is OrderedDict or RebuildTensor or RebuildParameter || TorchStorage.TypeOf(Name) is not null;
}
