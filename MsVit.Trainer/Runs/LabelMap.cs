using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.Trainer.Runs;

/// <summary>A step that maps Label to the keys of a model's classes, for models that come without one: it lets them be evaluated.</summary>
internal static class LabelMap
{
    /// <summary>The step and the model in a chain.</summary>
    public static TransformerChain<ITransformer> Before(MLContext mlContext, ITransformer model)
    {
        var none = mlContext.Data.LoadFromEnumerable(Array.Empty<Row>());
        var classes = mlContext.Data.LoadFromEnumerable(model.FindMsVit().Labels.Select(label => new Class { Label = label }));
        return new(mlContext.Transforms.Conversion.MapValueToKey("Label", keyData: classes).Fit(none), model);
    }

    /// <summary>The columns that such a chain reads.</summary>
    public static DataViewSchema Schema(MLContext mlContext) => mlContext.Data.LoadFromEnumerable(Array.Empty<Row>()).Schema;

    private sealed class Class
    {
        public string Label { get; init; } = "";
    }

    private sealed class Row
    {
        public string Label { get; init; } = "";

        public byte[] Image { get; init; } = [];
    }
}
