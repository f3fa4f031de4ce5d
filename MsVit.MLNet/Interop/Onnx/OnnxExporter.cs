using System.Text.Json;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Writes a network in evaluation mode as an ONNX model of standard operators.</summary>
/// <remarks>
/// Field numbers are those of onnx.proto (ONNX 1.12, IR version 8): https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
/// </remarks>
internal static class OnnxExporter
{
    /// <summary>The version of ONNX's operators.</summary>
    public const int Opset = 17;

    private const int IrVersion = 8;
    private const int LabelOpset = 2;
    private const string LabelDomain = "ai.onnx.ml";

    // Protobuf's limit, less some room for the graph.
    private const long MostBytes = int.MaxValue - (64L << 20);

    /// <summary>Writes a model.</summary>
    /// <param name="stream">The destination.</param>
    /// <param name="network">In evaluation mode, on any device.</param>
    /// <param name="export">What the model contains beside the weights.</param>
    /// <exception cref="NotSupportedException">The network cannot be an ONNX model; the message says why.</exception>
    public static void Write(Stream stream, MsVitNetwork network, OnnxExport export)
    {
        var config = network.Config;
        if (config.ProjectionCoupling == ProjectionCoupling.Batch)
        {
            throw new NotSupportedException(
                "ProjectionCoupling.Batch makes the samples of a batch influence each other; an ONNX model of any batch size cannot.");
        }
        if (network.ParameterCount * sizeof(float) > MostBytes)
        {
            throw new NotSupportedException(
                $"The network has {network.ParameterCount} parameters; an ONNX file holds at most {MostBytes / sizeof(float)}.");
        }
        if (export.Ranges is not null
            && NetworkPlan.Of(config).Layers.MaxBy(layer => layer.Output.Most)!.Output is { Most: > byte.MaxValue } sum)
        {
            throw new NotSupportedException(
                $"In eight bits, a sum of spikes over residual connections is at most {byte.MaxValue}. That of {sum.Name} can reach "
                + $"{sum.Most}, because Levels is {config.Levels} and each residual connection of the stage adds as many spikes. "
                + "Export in float32, or train with fewer Levels.");
        }
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var graph = new OnnxGraph();
        var exported = new OnnxNetwork(graph, network, export.Ranges, export.WithInsight);
        var logits = exported.Forward(Input(graph, config, export));
        graph.Node(export.ScoreName, "Softmax", [logits], ("axis", 1L));
        graph.Output(export.ScoreName, OnnxType.Float32, OnnxGraph.Batch, config.Classes);
        PredictedLabel(graph, export);
        var metadata = export.Metadata.ToDictionary();
        if (export.WithInsight)
        {
            foreach (var (tensor, type) in exported.Observed.Values.Distinct())
            {
                graph.Output(tensor, type);
            }
            metadata[OnnxFile.InsightKey] = JsonSerializer.Serialize(
                exported.Observed.ToDictionary(seen => seen.Key, seen => seen.Value.Tensor));
        }
        var model = new OnnxMessage()
            .Add(1, (long)IrVersion).Add(2, OnnxFile.Producer).Add(3, export.LibraryVersion).Add(7, graph.Finish(config.Name))
            .Add(8, new OnnxMessage().Add(1, "").Add(2, (long)Opset))
            .AddAll(8, graph.Domains, (whole, field, domain) => whole.Add(field, new OnnxMessage().Add(1, domain).Add(2, (long)LabelOpset)))
            .AddAll(14, metadata, (whole, field, pair) => whole.Add(field, new OnnxMessage().Add(1, pair.Key).Add(2, pair.Value)));
        stream.Write(model.Bytes.Span);
    }

    // Pixels to the network's input, in the order of the library's own arithmetic; frames with time outermost.
    private static string Input(OnnxGraph graph, MsVitConfig config, OnnxExport export)
    {
        if (config.Input == InputKind.Frames)
        {
            var frames = graph.Input(
                export.InputName, OnnxType.Float32, OnnxGraph.Batch, config.TimeSteps, config.Channels, config.Height, config.Width);
            var turned = graph.Node("input.time_first", "Transpose", [frames], ("perm", OnnxGraph.Ints(1, 0, 2, 3, 4)));
            var folded = graph.Node(
                "input.folded", "Reshape", [turned, graph.Constant(-1, config.Channels, config.Height, config.Width)]);
            graph.Shape(folded, OnnxType.Float32, OnnxGraph.StepsBatch, config.Channels, config.Height, config.Width);
            return folded;
        }
        var pixels = graph.Input(export.InputName, OnnxType.Float32, OnnxGraph.Batch, config.Channels, config.Height, config.Width);
        var (mean, deviation, range) = export.Normalization;
        float[] factors = [.. deviation.Select(d => 1 / (d * range))], offsets = [.. mean.Zip(deviation, (m, d) => m / d)];
        var scale = graph.Constant("input.scale", OnnxType.Float32, [config.Channels, 1, 1], factors);
        var shift = graph.Constant("input.shift", OnnxType.Float32, [config.Channels, 1, 1], offsets);
        return graph.Node("input.normalised", "Sub", [graph.Node("input.scaled", "Mul", [pixels, scale]), shift]);
    }

    private static void PredictedLabel(OnnxGraph graph, OnnxExport export)
    {
        var best = graph.Node("predicted.index", "ArgMax", [export.ScoreName], ("axis", 1L), ("keepdims", 1L));
        if (export.TextLabels is not { } labels)
        {
            graph.Node(export.PredictedLabelName, "Identity", [best]);
            graph.Output(export.PredictedLabelName, OnnxType.Int64, OnnxGraph.Batch, 1);
            return;
        }
        graph.Node([export.PredictedLabelName], "LabelEncoder", [best], LabelDomain,
            ("keys_int64s", (long[])[.. labels.Select((_, i) => (long)i)]), ("values_strings", labels.ToArray()));
        graph.Output(export.PredictedLabelName, OnnxType.Text, OnnxGraph.Batch, 1);
    }
}
