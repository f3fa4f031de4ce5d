using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Restores tensors from stored ones: all of them, or none.</summary>
internal static class StoredTensors
{
    /// <summary>Copies each stored tensor into the tensor with the same key.</summary>
    /// <param name="own">The tensors that are overwritten, by key.</param>
    /// <param name="stored">The stored tensors. Keys without the prefix are ignored if they are unknown.</param>
    /// <param name="prefix">The prefix of the keys of this state.</param>
    /// <exception cref="ArgumentException">
    /// A tensor is missing, unknown, or has another shape or type; the message lists all of them.
    /// </exception>
    public static void Restore(IReadOnlyDictionary<string, Tensor> own, IReadOnlyDictionary<string, Tensor> stored, string prefix)
    {
        string[] faults =
            [.. own.Select(item => Fault(item.Key, item.Value, stored)).OfType<string>(), .. Unknown(own, stored, prefix)];
        if (faults.Length > 0)
        {
            throw new ArgumentException(
                $"The stored state '{prefix}' does not fit this network: {string.Join("; ", faults)}. "
                + "It is from another network or optimizer.");
        }
        using var gradientFree = no_grad();
        foreach (var (key, tensor) in own)
        {
            tensor.copy_(stored[key]);
        }
    }

    private static string? Fault(string key, Tensor own, IReadOnlyDictionary<string, Tensor> stored) =>
        !stored.TryGetValue(key, out var found) ? $"'{key}' is missing"
        : !found.shape.SequenceEqual(own.shape) || found.dtype != own.dtype ? $"'{key}' is {Describe(found)}, expected {Describe(own)}"
        : null;

    private static IEnumerable<string> Unknown(
        IReadOnlyDictionary<string, Tensor> own, IReadOnlyDictionary<string, Tensor> stored, string prefix) =>
        from key in stored.Keys
        where key.StartsWith(prefix, StringComparison.Ordinal) && !own.ContainsKey(key)
        select $"'{key}' is unknown";

    private static string Describe(Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";
}
