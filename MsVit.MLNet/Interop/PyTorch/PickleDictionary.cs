namespace MsVit.MLNet;

/// <summary>A dictionary of a pickle, in its order; only texts are kept as keys.</summary>
internal sealed class PickleDictionary
{
    private readonly Dictionary<string, object?> _items = new(StringComparer.Ordinal);

    /// <summary>The items whose keys are texts.</summary>
    public IReadOnlyDictionary<string, object?> Items => _items;

    /// <summary>Adds an item, or puts it in the place of one of the same key. Optimizers have numbers for keys, which nobody asks for here.</summary>
    public void Add(object? key, object? value)
    {
        if (key is string text)
        {
            _items[text] = value;
        }
    }
}
