using System.Xml.Linq;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.Samples.WebApi;
using MsVit.Tests.Support;

namespace MsVit.Tests.Analysis;

/// <summary>What is said and drawn about a model whose neurons fire several spikes in a time step.</summary>
public sealed class IntegerModelTests(IntegerModelTests.TrainedCounts dots) : IClassFixture<IntegerModelTests.TrainedCounts>, IDisposable
{
    private const int Levels = 4;

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void An_analysis_speaks_of_counts_and_costs_more_by_value()
    {
        var analysis = _ml.MulticlassClassification.AnalyzeMsVit(dots.Model, dots.Train, new() { MaxSamples = 20 });
        var text = analysis.ToText();
        Assert.Contains("spikes per neuron and time step (at most 4)", text, StringComparison.Ordinal);
        Assert.Contains("get counts of up to 4 spikes, or sums of residual connections", text, StringComparison.Ordinal);
        Assert.Contains("\"by value\" counts a 2 twice, as two spikes", text, StringComparison.Ordinal);
        Assert.True(analysis.Energy.PicojoulesByValue > analysis.Energy.Picojoules);
        Assert.Equal(Levels, analysis.Layers.Max(layer => layer.Activity.Levels));
        var inputs = analysis.Energy.Layers.Single(row => row.Layer.Name == "stage1.0.mlp.mlp2_conv").Input;
        Assert.True(inputs is { BinaryShare: < 1, IntegerShare: 1, Largest: > 1 and <= Levels });
    }

    [Fact]
    public void A_look_into_the_network_shows_counts_and_where_attention_fires_as_a_share_of_all_it_could()
    {
        var insight = Insight();
        Assert.Contains(insight.Layers.SelectMany(layer => layer.Raster).SelectMany(neuron => neuron), count => count > 1);
        Assert.All(insight.Layers, layer => Assert.All(
            layer.Raster.SelectMany(neuron => neuron), count => Assert.InRange(count, 0, layer.Levels)));
        Assert.All(insight.Layers.Where(layer => layer.Neurons == layer.Raster.Count), layer => Assert.Equal(
            layer.RatePerStep[0], layer.Raster.Average(neuron => neuron[0]), 6));
        Assert.All(insight.Attention.SelectMany(map => map.Rates), rate => Assert.InRange(rate, 0, 1));
        var self = insight.Layers.Last(layer => layer.Name.EndsWith(".ssa.attn_lif", StringComparison.Ordinal));
        Assert.Equal(self.RatePerStep.Average() / Levels, insight.Attention[^1].Rates.Average(), 5);
    }

    [Fact]
    public void The_page_gets_a_digit_for_each_count()
    {
        var insight = Insight();
        var answer = InsightAnswer.Of(insight, frames: null);
        Assert.Equal(insight.Layers.Select(layer => layer.Levels), answer.Layers.Select(layer => layer.Levels));
        Assert.All(insight.Layers.Zip(answer.Layers), pair => Assert.Equal(
            pair.First.Raster.Select(neuron => string.Concat(neuron)), pair.Second.Raster));
        var many = insight with { Layers = [new("layer", 1, [11.67], [[0, 9, 10, 16]]) { Levels = 16 }] };
        Assert.Equal("09ag", InsightAnswer.Of(many, frames: null).Layers.Single().Raster.Single());
    }

    [Fact]
    public void A_report_draws_taller_marks_for_more_spikes_and_says_so()
    {
        var path = Path.Combine(_folder.Path, "run.html");
        RunReport.Write(path, dots.Model, dots.Train);
        var raster = XDocument.Load(path).Descendants().Where(element => element.Name.LocalName == "section")
            .Single(section => section.Attribute("id")!.Value == "raster");
        Assert.Contains("the taller its mark", raster.Value, StringComparison.Ordinal);
        Assert.Equal(
            ["1 spike", "2 spikes", "3 spikes", "4 spikes"],
            raster.Descendants().Where(element => element.Attribute("class")?.Value == "key").Select(key => key.Value));
    }

    [Fact]
    public void A_model_card_says_how_many_spikes_a_neuron_fires()
    {
        var path = Path.Combine(_folder.Path, "card.md");
        MsVitModelCard.Write(path, dots.Model, new ModelCardOptions
        {
            Energy = _ml.MulticlassClassification.EstimateMsVitEnergy(dots.Model, dots.Train, maxSamples: 10),
        });
        var card = File.ReadAllText(path);
        Assert.Contains("| neurons | IntegerLif, up to 4 spikes in a time step |", card, StringComparison.Ordinal);
        Assert.Contains("| spikes per neuron and time step |", card, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_is_as_high_as_its_share_of_the_most_spikes()
    {
        var rows = SpikeRaster.Rows(new("layer", Levels, [1.5f], [[0, 1, 2, 4]]));
        Assert.Contains("d=\"M1 1h.8v-0.25h-.8zM2 1h.8v-0.5h-.8zM3 0h.8v1h-.8z\"", rows, StringComparison.Ordinal);
        Assert.Contains("3 of 4 neurons fire, 7 spikes", rows, StringComparison.Ordinal);
        Assert.Equal("", SpikeRaster.Legend(levels: 1));
    }

    public void Dispose() => _folder.Dispose();

    private SampleInsight Insight()
    {
        var chain = (IEnumerable<ITransformer>)dots.Model;
        var model = chain.OfType<MsVitTransformer>().Single().Model;
        var (sample, _) = new AnalyzedRows(model, chain.First().Transform(dots.Train), new() { BatchSize = 1 }).Batches().First();
        return SampleInspector.Inspect(model, sample.Bytes, sample.Shape);
    }

    /// <summary>The task of the dots, learned with integer neurons.</summary>
    public sealed class TrainedCounts : IDisposable
    {
        public TrainedCounts()
        {
            var ml = new MLContext(seed: 1);
            Train = DotTask.Data(ml, 60);
            Model = DotTask.Pipeline(ml, DotTask.Options(options =>
            {
                options.Recipe = DotTask.Recipe with { MaxEpoch = 2 };
                options.Network = DotTask.Network with
                {
                    Neuron = NeuronKind.IntegerLif,
                    Levels = Levels,
                    TimeSteps = 1,
                    AttentionNorm = true,
                };
            })).Fit(Train);
        }

        public ITransformer Model { get; }

        public IDataView Train { get; }

        public void Dispose() => ((IDisposable)Model).Dispose();
    }
}
