using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>What ships with a starting model, as JSON beside its weights: where it comes from, and what it must not be used for.</summary>
/// <remarks>
/// The network, the normalization and the record of its training are in the file of weights itself, so that replacing the weights means
/// replacing one file. Two starting models of different input sizes may share one file.
/// </remarks>
internal sealed record StarterCard
{
    private const string Ending = ".json";

    private static Assembly Library => typeof(StarterCard).Assembly;

    private static readonly JsonSerializerOptions Json = new()
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The starting models of the library, the smallest input first.</summary>
    public static IReadOnlyList<StarterCard> All { get; } =
    [
        .. Library.GetManifestResourceNames()
            .Where(name => name.StartsWith("starter-", StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal))
            .Select(Read)
            .OrderBy(card => card.Size),
    ];

    /// <summary>The name, such as starter-64.</summary>
    public required string Name { get; init; }

    /// <summary>The resource with the weights.</summary>
    public required string Weights { get; init; }

    /// <summary>Height and width of the input, in pixels.</summary>
    public required int Size { get; init; }

    /// <summary>The images that the weights were trained on.</summary>
    public required string Data { get; init; }

    /// <summary>The terms of those images.</summary>
    public required string Terms { get; init; }

    /// <summary>The command that trained the weights.</summary>
    public required string Command { get; init; }

    /// <summary>The day on which they were trained.</summary>
    public required string Date { get; init; }

    /// <summary>The accuracy, and on what.</summary>
    public required string Accuracy { get; init; }

    /// <summary>What the weights must not be used for.</summary>
    public required string NotFor { get; init; }

    /// <summary>The network at this input size, without its weights and without loading torch.</summary>
    [JsonIgnore]
    public MsVitConfig Network => Sized(ModelWeights.ReadCard(Open, Weights)).Network;

    /// <summary>Loads the model onto the CPU.</summary>
    public MsVitModel Load()
    {
        using var stream = Open();
        return ModelWeights.LoadHeadless(stream, Weights, Sized);
    }

    private ModelCard Sized(ModelCard card) => card with
    {
        Network = card.Network with { Name = Name, Height = Size, Width = Size },
        Input = card.Input with { Height = Size, Width = Size },
    };

    private Stream Open() => Resource(Weights);

    private static StarterCard Read(string resource)
    {
        using var stream = Resource(resource);
        return JsonSerializer.Deserialize<StarterCard>(stream, Json)!;
    }

    private static Stream Resource(string name) => Library.GetManifestResourceStream(name)
        ?? throw new InvalidOperationException($"The library lacks its resource {name}.");
}
