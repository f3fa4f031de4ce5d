using System.Security.Cryptography;
using Microsoft.ML;
using MsVit.MLNet.Analysis;
using MsVit.Tests.Support;

namespace MsVit.Tests.Report;

public sealed class ModelCardTests(TrainedDots dots) : IClassFixture<TrainedDots>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_card_tells_what_the_model_is_and_what_was_measured()
    {
        var ml = new MLContext(seed: 1);
        var zip = Path.Combine(_folder.Path, "dots.zip");
        ml.Model.Save(dots.Model, dots.Train.Schema, zip);
        var metrics = ml.MulticlassClassification.Evaluate(dots.Model.Transform(dots.Train));
        var card = Path.Combine(_folder.Path, "dots.md");
        MsVitModelCard.Write(card, dots.Model, new()
        {
            Title = "Dots",
            ModelPath = zip,
            Data = "Drawn.",
            IntendedUse = "Tests.",
            Metrics = metrics,
            MetricsData = "the | training rows",
            Energy = ml.MulticlassClassification.EstimateMsVitEnergy(dots.Model, dots.Train),
        });
        var text = File.ReadAllText(card);
        Assert.All(
            ["# Dots\n", "images, 3 x 8 x 8", "| classes | 3: top, middle, bottom |", $"| accuracy | {metrics.MicroAccuracy:0.0000} |",
                "the \\| training rows", "epoch 3", " µJ |",
                Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(zip)))],
            part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_pipeline_without_a_model_has_no_card()
    {
        var ml = new MLContext();
        var other = ml.Transforms.Conversion.MapValueToKey("Label").Fit(dots.Train);
        Assert.Contains("0 MsVit models", Assert.Throws<ArgumentException>(
            () => MsVitModelCard.Write(Path.Combine(_folder.Path, "x.md"), other)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
