using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Puts tensors that were stored back into those that they came from: all of them, or none.</summary>
internal static class StoredTensors
{
    /// <summary>Copies each stored tensor into the one of its key.</summary>
    /// <param name="own">What is overwritten, by key.</param>
    /// <param name="stored">What was stored; keys that do not begin with the prefix are others'.</param>
    /// <param name="prefix">With which the keys of this state begin.</param>
    /// <exception cref="ArgumentException">A tensor is missing, unknown, or of another shape or type; the message lists all of them.</exception>
    public static void Restore(IReadOnlyDictionary<string, Tensor> own, IReadOnlyDictionary<string, Tensor> stored, string prefix)
    {
        string[] faults = [.. own.Select(item => Fault(item.Key, item.Value, stored)).OfType<string>(), .. Unknown(own, stored, prefix)];
        if (faults.Length > 0)
        {
            throw new ArgumentException(
                $"The stored state '{prefix}' does not fit this network: {string.Join("; ", faults)}. It was stored from another network or optimizer.");
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
        select $"'{key}' is not known";

    private static string Describe(Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";
}
