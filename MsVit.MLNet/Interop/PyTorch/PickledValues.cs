using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A dictionary of a pickle, in its order; only items with string keys are kept.</summary>
internal sealed class PickleDictionary
{
    private readonly Dictionary<string, object?> _items = new(StringComparer.Ordinal);

    /// <summary>The items whose keys are strings.</summary>
    public IReadOnlyDictionary<string, object?> Items => _items;

    /// <summary>Adds an item, or replaces the one with this key. Optimizers use numbers as keys; these items are not needed here.</summary>
    public void Add(object? key, object? value)
    {
        if (key is string text)
        {
            _items[text] = value;
        }
    }
}

/// <summary>The name of a Python class or function. It is never looked up: it is either known here or rejected.</summary>
/// <param name="Name">Module and name, separated by a dot.</param>
internal sealed record PickleGlobal(string Name)
{
    public const string OrderedDict = "collections.OrderedDict";
    public const string RebuildTensor = "torch._utils._rebuild_tensor_v2";
    public const string RebuildParameter = "torch._utils._rebuild_parameter";

    /// <summary>Whether a state dict needs it.</summary>
    public bool IsKnown => Name is OrderedDict or RebuildTensor or RebuildParameter || TorchStorage.TypeOf(Name) is not null;
}

/// <summary>A tensor as a file describes it: a view of a storage.</summary>
/// <param name="Storage">Holds its numbers.</param>
/// <param name="Offset">Elements before the first.</param>
/// <param name="Sizes">The size of each axis.</param>
/// <param name="Strides">Elements from one to the next along each axis.</param>
internal sealed record StoredTensor(TorchStorage Storage, long Offset, long[] Sizes, long[] Strides);

/// <summary>The numbers of one or more tensors: an entry of the file.</summary>
/// <param name="Key">The name of the entry, below data/.</param>
/// <param name="Type">The element type.</param>
/// <param name="Length">The number of elements.</param>
internal sealed record TorchStorage(string Key, ScalarType Type, long Length)
{
    /// <summary>The element type of a storage class; null for another class.</summary>
    public static ScalarType? TypeOf(string name) => name switch
    {
        "torch.FloatStorage" => ScalarType.Float32,
        "torch.DoubleStorage" => ScalarType.Float64,
        "torch.HalfStorage" => ScalarType.Float16,
        "torch.BFloat16Storage" => ScalarType.BFloat16,
        "torch.LongStorage" => ScalarType.Int64,
        "torch.IntStorage" => ScalarType.Int32,
        "torch.ShortStorage" => ScalarType.Int16,
        "torch.CharStorage" => ScalarType.Int8,
        "torch.ByteStorage" => ScalarType.Byte,
        "torch.BoolStorage" => ScalarType.Bool,
        _ => null,
    };
}
