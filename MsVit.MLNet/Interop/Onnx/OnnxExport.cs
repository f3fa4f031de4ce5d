namespace MsVit.MLNet;

/// <summary>The contents of an ONNX model beside the network.</summary>
internal sealed record OnnxExport
{
    /// <summary>
    /// The name of the input: pixels [B, C, H, W] in the range that the model was trained on (0 to 255 for images), or frames [B, T, C, H,
    /// W].
    /// </summary>
    public required string InputName { get; init; }

    /// <summary>The name of the probabilities, [B, classes].</summary>
    public required string ScoreName { get; init; }

    /// <summary>The name of the likeliest class, [B, 1].</summary>
    public required string PredictedLabelName { get; init; }

    /// <summary>Turns pixels into the network's input; not used for frames.</summary>
    public required PixelNormalization Normalization { get; init; }

    /// <summary>
    /// The classes if they are strings: the predicted label is then one of them. If null, it is the index of the class, from 0.
    /// </summary>
    public required IReadOnlyList<string>? TextLabels { get; init; }

    /// <summary>Metadata by name.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>The version of this library.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>
    /// The range of each convolution's output, by the name of the convolution, for eight bits; null (the default) for float32.
    /// </summary>
    public IReadOnlyDictionary<string, CurrentRange>? Ranges { get; init; }

    /// <summary>Whether <see cref="OnnxNetwork.Observed"/> are outputs too. The default is false.</summary>
    public bool WithInsight { get; init; }
}
