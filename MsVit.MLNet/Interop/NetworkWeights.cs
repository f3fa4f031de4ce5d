using TorchSharp;

namespace MsVit.MLNet;

/// <summary>The weights and batch-norm statistics of a network, as safetensors.</summary>
internal static class NetworkWeights
{
    private const int NamesShown = 10;

    /// <summary>Writes the state dict; the same weights give the same bytes.</summary>
    /// <param name="network">The network, on any device.</param>
    /// <param name="stream">The destination; it stays open and need not be seekable.</param>
    public static void Save(MsVitNetwork network, Stream stream) => SafetensorsWriter.Write(stream, network.state_dict());

    /// <summary>Reads what <see cref="Save"/> wrote, or a checkpoint with the reference's names.</summary>
    /// <param name="network">The network to fill, on any device.</param>
    /// <param name="stream">Read from its position to its end.</param>
    /// <param name="source">Names the file or stream in error messages.</param>
    /// <exception cref="InvalidDataException">
    /// The content is malformed, or its tensors are not those of the network: the message names all missing, unexpected and differing ones,
    /// and the network is unchanged.
    /// </exception>
    public static void Load(MsVitNetwork network, Stream stream, string source)
    {
        using var file = SafetensorsReader.Read(stream, source);
        Load(network, file.Tensors, source);
    }

    /// <summary>Copies tensors, named as in any of the reference's networks, into a network.</summary>
    /// <param name="network">The network to fill, on any device.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="source">Names the file or stream in error messages.</param>
    /// <param name="isHeadless">Whether there is no head, so that the network's own stays as it is. The default is false.</param>
    /// <inheritdoc cref="Load(MsVitNetwork, Stream, string)"/>
    public static void Load(
        MsVitNetwork network, IReadOnlyDictionary<string, torch.Tensor> tensors, string source, bool isHeadless = false)
    {
        var renamed = tensors
            .Where(pair => !ReferenceNames.IsUnused(pair.Key))
            .Select(pair => (Theirs: pair.Key, Ours: ReferenceNames.ToOurs(pair.Key), Tensor: pair.Value))
            .ToLookup(item => item.Ours);
        var state = network.state_dict().Where(pair => !isHeadless || !IsOfHead(pair.Key)).ToDictionary();
        var problems = new List<string>();
        Report(problems, "missing", state.Keys.Where(key => !renamed.Contains(key)));
        Report(problems, "unexpected", renamed.Where(group => !state.ContainsKey(group.Key)).Select(group => group.First().Theirs));
        Report(problems, "named twice", renamed.Where(group => group.Count() > 1)
            .Select(group => string.Join(" and ", group.Select(item => item.Theirs))));
        Report(problems, "different", state.Where(pair => renamed.Contains(pair.Key))
            .Select(pair => Difference(renamed[pair.Key].First().Theirs, pair.Value, renamed[pair.Key].First().Tensor))
            .OfType<string>());
        if (problems.Count > 0)
        {
            throw new InvalidDataException($"{source} does not fit the network {network.Config.Name}: {string.Join("; ", problems)}.");
        }
        using var noGrad = torch.no_grad();
        foreach (var (key, target) in state)
        {
            using var values = renamed[key].First().Tensor.reshape(target.shape);
            _ = target.copy_(values);
        }
    }

    /// <summary>Whether a key of a state dict belongs to the head.</summary>
    public static bool IsOfHead(string key) => key.StartsWith("head.", StringComparison.Ordinal);

    private static string? Difference(string name, torch.Tensor expected, torch.Tensor got) =>
        Extents(expected).SequenceEqual(Extents(got)) && expected.is_floating_point() == got.is_floating_point()
            ? null
            : $"{name} ({got.dtype} [{string.Join(", ", got.shape)}] instead of {expected.dtype} [{string.Join(", ", expected.shape)}])";

    // A linear layer [out, in] and convolutions [out, in, 1] and [out, in, 1, 1] are the same.
    private static long[] Extents(torch.Tensor tensor) => [.. tensor.shape.Reverse().SkipWhile(extent => extent == 1).Reverse()];

    private static void Report(List<string> problems, string what, IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToList();
        if (all.Count > 0)
        {
            var more = all.Count > NamesShown ? $" and {all.Count - NamesShown} more" : "";
            problems.Add($"{all.Count} {what}: {string.Join(", ", all.Take(NamesShown))}{more}");
        }
    }
}
