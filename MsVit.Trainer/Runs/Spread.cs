using System.Text.Json.Nodes;

namespace MsVit.Trainer.Runs;

/// <summary>The minimum, the median and the maximum of some numbers.</summary>
internal sealed record Spread(double Least, double Median, double Most)
{
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return new(sorted[0], (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[^1]);
    }

    public JsonObject ToJson() => new() { ["least"] = Least, ["median"] = Median, ["most"] = Most };
}
