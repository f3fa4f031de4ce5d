namespace MsVit.MLNet;

/// <summary>What stands in an ONNX model beside the network.</summary>
internal sealed record OnnxExport
{
    /// <summary>The input's name: pixels [B, C, H, W] as the model was trained on them, 0 to 255 for images, or frames [B, T, C, H, W].</summary>
    public required string InputName { get; init; }

    /// <summary>The name of the probabilities, [B, classes].</summary>
    public required string ScoreName { get; init; }

    /// <summary>The name of the likeliest class, [B, 1].</summary>
    public required string PredictedLabelName { get; init; }

    /// <summary>From pixels to the network's input; not used for frames.</summary>
    public required PixelNormalization Normalization { get; init; }

    /// <summary>The classes, where they are texts: then the predicted label is one of them; else it is the index of the class, from 0.</summary>
    public required IReadOnlyList<string>? TextLabels { get; init; }

    /// <summary>Texts by name.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>The version of this library.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>The range of each convolution's output by name, for eight bits; null (the default) for float32.</summary>
    public IReadOnlyDictionary<string, CurrentRange>? Ranges { get; init; }

    /// <summary>Whether the spikes of every layer of neurons are outputs too. The default is false.</summary>
    public bool WithSpikes { get; init; }
}
