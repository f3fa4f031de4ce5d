using System.Globalization;
using MsVit.MLNet.Analysis;
using MsVit.MLNet.Report;

namespace MsVit.Trainer.Runs;

/// <summary>What an image costs, layer by layer, for a report.</summary>
internal static class EnergyTable
{
    public static ReportTable Of(SpikeAnalysis analysis)
    {
        var estimate = EnergyEstimate.Of(analysis);
        return ReportTable.OfCsv(
            "Energy",
            string.Create(CultureInfo.InvariantCulture,
                $"{estimate.Joules * 1e6:0.0} µJ an image by the papers' formula ({estimate.JoulesByValue * 1e6:0.0} where an input of 2 counts twice), {estimate.AnnJoules * 1e6:0.0} as an ordinary network, over {analysis.Samples} samples. Not counted: memory, neurons, residual additions; docs/energy.md."),
            analysis.Energy.ToCsv());
    }
}
