using System.Globalization;
using MsVit.Trainer.Bench;

namespace MsVit.Trainer.Commands;

/// <summary>Rows of the benchmark in aligned columns; a dash marks a number that does not apply.</summary>
internal static class BenchTable
{
    private const string None = "-";

    public static string Header => Columns("row", "median", "unit", "x eager", "of peak", "memory");

    public static string Line(BenchmarkRow row)
    {
        var figures = (row.Figures ?? new Dictionary<string, double>())
            .Select(figure => $"\n  {figure.Key,-32} {Number(figure.Value, "0.####"),16}");
        return Columns(
            row.Name, Number(row.Median, "0.00"), row.Unit, Number(row.RatioToEager, "0.00"), Number(row.ShareOfPeak, "0%"),
            Number(row.MemoryRatio, "0.00")) + string.Concat(figures);
    }

    private static string Columns(string name, string median, string unit, string eager, string peak, string memory) =>
        $"{name,-26} {median,10} {unit,-8} {eager,8} {peak,8} {memory,9}";

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? None;
}
