using Microsoft.ML;
using MsVit.Tests.Support;

namespace MsVit.Tests.Interop.Onnx;

/// <summary>ML.NET's own ONNX export, which would leave the network out.</summary>
public sealed class ConvertToOnnxTests(TrainedDots dots) : IClassFixture<TrainedDots>
{
    private readonly MLContext _ml = new(seed: 1);

    public enum Shape
    {
        Whole,
        NetworkAlone,
        NetworkLast,
        StepAfter,
        StepAfterWithoutOnnx,
        NestedChain,
    }

    [Theory]
    [InlineData(Shape.Whole)]
    [InlineData(Shape.NetworkAlone)]
    [InlineData(Shape.NetworkLast)]
    [InlineData(Shape.StepAfter)]
    [InlineData(Shape.StepAfterWithoutOnnx)]
    [InlineData(Shape.NestedChain)]
    public void A_pipeline_with_the_network_is_refused_with_the_name_of_the_method_that_exports_it(Shape shape)
    {
        var (model, data) = Pipeline(shape);
        foreach (var convert in new Action<Stream>[]
        {
            stream => _ml.Model.ConvertToOnnx(model, data, stream),
            stream => _ml.Model.ConvertToOnnx(model, data, 12, stream),
            stream => _ml.Model.ConvertToOnnx(model, data, stream, "Score"),
        })
        {
            using var stream = new MemoryStream();
            Assert.Contains("SaveAsOnnx", Assert.Throws<NotSupportedException>(() => convert(stream)).Message, StringComparison.Ordinal);
            Assert.Equal(0, stream.Length);
        }
    }

    [Fact]
    public void A_pipeline_without_the_network_is_exported_as_before()
    {
        var label = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(dots.Train);
        using var stream = new MemoryStream();
        _ml.Model.ConvertToOnnx(label, dots.Train, stream);
        Assert.True(stream.Length > 0);
    }

    private (ITransformer Model, IDataView Data) Pipeline(Shape shape)
    {
        var chain = ((IEnumerable<ITransformer>)dots.Model).ToArray();
        var scored = dots.Model.Transform(dots.Train);
        return shape switch
        {
            Shape.NetworkAlone => (chain[1], chain[0].Transform(dots.Train)),
            Shape.NetworkLast => (new Microsoft.ML.Data.TransformerChain<ITransformer>(chain[0], chain[1]), dots.Train),
            Shape.StepAfter => (With(_ml.Transforms.CopyColumns("Copy", "Score").Fit(scored)), dots.Train),
            Shape.StepAfterWithoutOnnx => (
                With(_ml.Transforms.CustomMapping<Numbered, Doubled>((row, doubled) => doubled.Twice = 2 * row.Number, contractName: null).Fit(scored)), dots.Train),
            Shape.NestedChain => (
                new Microsoft.ML.Data.TransformerChain<ITransformer>(
                    chain[0], new Microsoft.ML.Data.TransformerChain<ITransformer>(chain[1], chain[2])), dots.Train),
            _ => (dots.Model, dots.Train),
        };

        ITransformer With(ITransformer last) => new Microsoft.ML.Data.TransformerChain<ITransformer>(dots.Model, last);
    }

    private sealed class Numbered
    {
        public int Number { get; set; }
    }

    private sealed class Doubled
    {
        public int Twice { get; set; }
    }
}
