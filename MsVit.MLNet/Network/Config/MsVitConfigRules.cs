using System.Runtime.CompilerServices;

namespace MsVit.MLNet;

/// <summary>The rules that a config must follow, with an error message for each.</summary>
internal static class MsVitConfigRules
{
    private const int MostStages = 3;

    public static void Check(MsVitConfig config)
    {
        Require(!string.IsNullOrWhiteSpace(config.Name), config.Name, "a name is expected");
        Require(Enum.IsDefined(config.Input), config.Input, Choices<InputKind>());
        InRange(config.TimeSteps, 1, 64);
        Require(
            config.Depths is { Count: >= 1 and <= MostStages }, config.Depths, $"1 to {MostStages} numbers are expected, one per stage");
        Require(Enum.IsDefined(config.Stem), config.Stem, Choices<StemKind>());
        var strides = StemLayout.Strides(config.Stem);
        Require(strides.Contains(config.StemStride), config.StemStride, $"the {config.Stem} stem can have {string.Join(" or ", strides)}");
        var smallest = NetworkPlan.PixelsPerToken(config);
        var reason =
            $"the network divides it by {smallest} (StemStride {config.StemStride}, then {NetworkPlan.StageStride} in each later stage)";
        InRange(config.Height, smallest, 4096, reason);
        InRange(config.Width, smallest, 4096, reason);
        InRange(config.Channels, 1, 1024);
        InRange(config.Classes, 2, 1_000_000);
        InRange(config.MlpRatio, 1, 16);
        InRange(config.NumHeads, 1, 1024);
        CheckStages(config);
        CheckStem(config);
        CheckNeurons(config);
    }

    private static void CheckStages(MsVitConfig config)
    {
        InRange(config.EmbedDim, 4, 8192);
        Require(config.StageDims is not null || config.EmbedDim % 4 == 0, config.EmbedDim,
            "it must be divisible by 4: the first stage has half of it, the first convolution a quarter");
        foreach (var depth in config.Depths)
        {
            Require(depth is >= 1 and <= 64, config.Depths, "each stage has 1 to 64 blocks");
        }
        var dims = config.ResolvedStageDims;
        var property = config.StageDims is null ? nameof(config.EmbedDim) : nameof(config.StageDims);
        Require(dims.Count == config.Depths.Count, dims, $"{config.Depths.Count} numbers are expected, one per stage of Depths", property);
        Require(dims[^1] == config.EmbedDim, dims, $"the last stage must have EmbedDim ({config.EmbedDim}) channels", property);
        foreach (var dim in dims)
        {
            Require(dim is >= 2 and <= 8192, dims, "each stage has 2 to 8192 channels", property);
            Require(dim % config.NumHeads == 0, config.NumHeads, $"the heads must divide the channels of every stage, {dims}");
        }
    }

    private static void CheckStem(MsVitConfig config)
    {
        var first = config.ResolvedStageDims[0];
        Require(config.StemDivisors is null || config.Stem == StemKind.Event, config.StemDivisors, "only the event stem takes divisors");
        if (config.Stem == StemKind.Event)
        {
            var divisors = config.ResolvedStemDivisors;
            Require(
                divisors.Count == 4 && divisors[^1] == 1 && divisors.All(divisor => divisor > 0 && first % divisor == 0), divisors,
                $"four divisors of the first stage's channels ({first}) are expected, the last of them 1", nameof(config.StemDivisors));
            return;
        }
        var widest = StemLayout.Of(config).Max(conv => conv.Divisor);
        var (property, value) = config.StageDims is null
            ? (nameof(config.EmbedDim), (object)config.EmbedDim)
            : (nameof(config.StageDims), config.StageDims);
        Require(
            first % widest == 0, value,
            $"the channels of the first stage ({first}) must be divisible by {widest}: "
            + $"the {config.Stem} stem starts with 1/{widest} of them",
            property);
    }

    private static void CheckNeurons(MsVitConfig config)
    {
        Require(Enum.IsDefined(config.Neuron), config.Neuron, Choices<NeuronKind>());
        InRange(config.Levels, 1, 16);
        Require(Enum.IsDefined(config.ScaleBranch), config.ScaleBranch, Choices<ScaleBranch>());
        Require(Enum.IsDefined(config.ProjectionCoupling), config.ProjectionCoupling, Choices<ProjectionCoupling>());
        Require(Enum.IsDefined(config.StagePool), config.StagePool, Choices<PoolPlace>());
        Require(config.Surrogate is not null, config.Surrogate, "a surrogate function is expected");
        config.Surrogate!.Validate();
        Require(double.IsFinite(config.Threshold) && config.Threshold > 0, config.Threshold, "it must be finite and above 0");
        Require(double.IsFinite(config.AttentionThreshold) && config.AttentionThreshold > 0, config.AttentionThreshold,
            "it must be finite and above 0");
        Require(double.IsFinite(config.AttentionScale) && double.IsPow2(config.AttentionScale), config.AttentionScale,
            "it must be a power of two, so that the scaled products of spikes are exact");
        Require(double.IsFinite(config.Tau) && config.Tau >= 1, config.Tau, "it must be finite and at least 1 time step");
        Require(config.Neuron != NeuronKind.Plif || config.Tau > 1, config.Tau,
            "PLIF learns from w = -ln(tau - 1), so it must be above 1");
        Require(config.Neuron != NeuronKind.Glif || config.ProjectionCoupling == ProjectionCoupling.PerSample,
            config.ProjectionCoupling, "GLIF has one conductance a time step, so its neurons cannot run over T * B steps");
    }

    private static void InRange(
        int value, int lowest, int highest, string? reason = null, [CallerArgumentExpression(nameof(value))] string property = "") =>
        Require(
            value >= lowest && value <= highest, value,
            $"it must be from {lowest} to {highest}{(reason is null ? "" : $": {reason}")}", property);

    // The caller's expression for the value is "config.Property".
    private static void Require(
        bool holds, object? value, string expectation, [CallerArgumentExpression(nameof(value))] string property = "")
    {
        if (!holds)
        {
            property = property[(property.IndexOf('.') + 1)..];
            throw new ArgumentException($"MsVitConfig.{property} is {value ?? "null"}; {expectation}.", property);
        }
    }

    private static string Choices<T>()
        where T : struct, Enum => $"it must be one of {string.Join(", ", Enum.GetNames<T>())}";
}
