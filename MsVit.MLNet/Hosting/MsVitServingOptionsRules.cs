using Microsoft.Extensions.Options;

namespace MsVit.MLNet.Hosting;

/// <summary>Checks the options when the host starts, and reports all faults at once.</summary>
internal sealed class MsVitServingOptionsRules : IValidateOptions<MsVitServingOptions>
{
    public ValidateOptionsResult Validate(string? name, MsVitServingOptions options)
    {
        List<string> faults = [];
        Check(options.ModelPath.Length > 0, "ModelPath is empty; it must be the file of a saved model.");
        Check(TorchDevice.IsName(options.Device), $"Device is '{options.Device}'; it must be auto, cpu, cuda or cuda:N.");
        Check(options.MaxBatchSize is >= 1 and <= 4096, $"MaxBatchSize is {options.MaxBatchSize}; it must be from 1 to 4,096.");
        Check(
            Within(options.MaxBatchDelay, TimeSpan.Zero, TimeSpan.FromSeconds(10)),
            $"MaxBatchDelay is {options.MaxBatchDelay}; it must be from 0 to 10 seconds.");
        Check(options.QueueCapacity is >= 1 and <= 1_000_000, $"QueueCapacity is {options.QueueCapacity}; it must be from 1 to 1,000,000.");
        Check(
            Within(options.Deadline, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            $"Deadline is {options.Deadline}; it must be from 1 ms to 1 hour.");
        Check(options.MaxPixels >= 1, $"MaxPixels is {options.MaxPixels}; it must be 1 or more.");
        Check(options.MaxBytes >= 1, $"MaxBytes is {options.MaxBytes}; it must be 1 or more.");
        Check(
            Within(options.ReloadInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)),
            $"ReloadInterval is {options.ReloadInterval}; it must be from 100 ms to 1 day.");
        var of = string.IsNullOrEmpty(name) ? "MsVit" : $"MsVit '{name}'";
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults.Select(fault => $"{of}: {fault}"));

        void Check(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }
    }

    private static bool Within(TimeSpan value, TimeSpan least, TimeSpan most) => value >= least && value <= most;
}
