using MsVit.MLNet;

namespace MsVit.Tests.Network;

public sealed class MsVitConfigTests
{
    private static readonly MsVitConfig Changed = new()
    {
        Name = "every value changed",
        Input = InputKind.Frames,
        TimeSteps = 3,
        Height = 40,
        Width = 56,
        Channels = 1,
        Classes = 7,
        EmbedDim = 48,
        StageDims = [36, 48],
        Depths = [2, 3],
        NumHeads = 6,
        MlpRatio = 2,
        Stem = StemKind.Event,
        StemStride = 8,
        StemDivisors = [6, 3, 2, 1],
        StagePool = PoolPlace.First,
        Neuron = NeuronKind.Plif,
        Levels = 3,
        Surrogate = Surrogate.Of(SurrogateFunction.ATan),
        Tau = 1.5,
        Threshold = 0.75,
        AttentionThreshold = 0.5,
        AttentionNorm = true,
        AttentionScale = 0.25,
        QkvBias = true,
        ScaleBranch = ScaleBranch.Broadcast,
        ProjectionCoupling = ProjectionCoupling.Batch,
    };

    [Fact]
    public void Every_preset_is_valid_and_survives_json()
    {
        Assert.Equal(MsVitConfig.Presets.Count, MsVitConfig.Presets.Select(preset => preset.Name).Distinct().Count());
        foreach (var preset in MsVitConfig.Presets)
        {
            preset.Validate();
            Assert.Equal(preset, MsVitConfig.FromJson(preset.ToJson()));
            Assert.Same(preset, MsVitConfig.Preset(preset.Name.ToUpperInvariant()));
        }
    }

    [Fact]
    public void Every_property_survives_json_and_names_are_written_as_text()
    {
        var json = Changed.ToJson();
        Assert.Equal(Changed, MsVitConfig.FromJson(json));
        Assert.Contains("\"Plif\"", json);
        Assert.Contains("\"ATan\"", json);
        var defaults = new MsVitConfig();
        Assert.All(
            typeof(MsVitConfig).GetProperties().Where(property => property.GetMethod!.IsPublic && !property.GetMethod.IsStatic),
            property => Assert.False(Equals(property.GetValue(defaults), property.GetValue(Changed)),
                $"{property.Name} is not changed by this test"));
    }

    [Fact]
    public void What_json_leaves_out_has_its_default()
    {
        Assert.Equal(new MsVitConfig { Classes = 20 }, MsVitConfig.FromJson("""{ "Classes": 20 }"""));
    }

    [Theory]
    [InlineData("""{ "Klasses": 20 }""", "Klasses")]
    [InlineData("""{ "Neuron": "Izhikevich" }""", "$.Neuron")]
    [InlineData("""{ "Depths": [1, 1, 1, 1] }""", "Depths")]
    [InlineData("""{ "Depths": null }""", "Depths")]
    [InlineData("null", "null")]
    [InlineData("{", "not understood")]
    public void Json_that_is_not_a_config_is_refused_in_words(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => MsVitConfig.FromJson(json)).Message);

    [Fact]
    public void An_unknown_preset_lists_those_that_there_are()
    {
        var message = Assert.Throws<ArgumentException>(() => MsVitConfig.Preset("cifar10-8-384")).Message;
        Assert.All(MsVitConfig.Presets, preset => Assert.Contains(preset.Name, message));
    }

    public static TheoryData<string, MsVitConfig> Refused => new()
    {
        { "Input is 2; it must be one of Still, Frames", new() { Input = (InputKind)2 } },
        { "TimeSteps is 0", new() { TimeSteps = 0 } },
        { "Height is 3; it must be from 4", new() { Height = 3 } },
        { "Width is 15; it must be from 16", MsVitConfig.Preset("imagenet-10-384") with { Width = 15 } },
        { "StemStride is 3", new() { StemStride = 3 } },
        { "Channels is 0", new() { Channels = 0 } },
        { "Classes is 1", new() { Classes = 1 } },
        { "EmbedDim is 386; it must be divisible by 4", new() { EmbedDim = 386, NumHeads = 1 } },
        { "NumHeads is 7; the heads must divide the channels of every stage, [192, 192, 384]", new() { NumHeads = 7 } },
        { "StageDims is [192, 384]", new() { StageDims = [192, 384] } },
        { "StageDims is [96, 192, 256]; the last stage must have EmbedDim (384)", new() { StageDims = [96, 192, 256] } },
        { "StageDims is [9, 18, 36]; the channels of the first stage (9) must be divisible by 2: the Image stem",
            new() { EmbedDim = 36, StageDims = [9, 18, 36], NumHeads = 9 } },
        { "StemStride is 4; the Event stem can have 8", MsVitConfig.Preset("cifar10-dvs") with { StemStride = 4 } },
        { "StemDivisors is [4, 2, 1, 1]; only the event stem", new() { StemDivisors = [4, 2, 1, 1] } },
        { "StemDivisors is [4, 2, 1]; four divisors", MsVitConfig.Preset("cifar10-dvs") with { StemDivisors = [4, 2, 1] } },
        { "StemDivisors is [3, 2, 1, 1]; four divisors of the first stage's channels (128)",
            MsVitConfig.Preset("cifar10-dvs") with { StemDivisors = [3, 2, 1, 1] } },
        { "Height is 15; it must be from 16", MsVitConfig.Preset("dvs128-gesture") with { Height = 15 } },
        { "StemStride is 8; the Spikformer stem can have 4 or 16", MsVitConfig.Preset("spikformer-cifar10-dvs") with { StemStride = 8 } },
        { "EmbedDim is 60; the channels of the first stage (60) must be divisible by 8: the Spikformer stem",
            MsVitConfig.Preset("spikformer-cifar10-dvs") with { EmbedDim = 60, NumHeads = 4 } },
        { "AttentionScale is 0.3; it must be a power of two", new() { AttentionScale = 0.3 } },
        { "Depths is []", new() { Depths = [] } },
        { "Depths is [1, 1, 1, 1]", new() { Depths = [1, 1, 1, 1] } },
        { "Depths is [1, 0, 1]", new() { Depths = [1, 0, 1] } },
        { "MlpRatio is 0", new() { MlpRatio = 0 } },
        { "Threshold is 0", new() { Threshold = 0 } },
        { "AttentionThreshold is NaN", new() { AttentionThreshold = double.NaN } },
        { "Tau is 0.5", new() { Tau = 0.5 } },
        { "Tau is 1; PLIF", new() { Neuron = NeuronKind.Plif, Tau = 1 } },
        { "ProjectionCoupling is Batch; GLIF", new() { Neuron = NeuronKind.Glif, ProjectionCoupling = ProjectionCoupling.Batch } },
        { "Neuron is 9; it must be one of Lif, Plif, Glif", new() { Neuron = (NeuronKind)9 } },
        { "Surrogate.Alpha is 0", new() { Surrogate = new(SurrogateFunction.Sigmoid, 0) } },
        { "Surrogate.Alpha is 2.5", new() { Surrogate = new(SurrogateFunction.SquarewaveFourierSeries, 2.5, 8) } },
        { "Surrogate.Beta is 0", new() { Surrogate = new(SurrogateFunction.S2NN, 4) } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void What_cannot_work_is_refused_with_property_value_and_reason(string expected, MsVitConfig config) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(config.Validate).Message);
}
