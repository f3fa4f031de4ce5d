using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit data cache</c>: decodes recordings into frames ahead of training.</summary>
internal static class DataCacheCommand
{
    public static Verb Create()
    {
        var data = new DataOptions();
        var cache = new Option<string>("--cache") { Description = "The folder in which the frames are kept.", Required = true, HelpName = "folder" };
        var preset = new Option<string>("--preset") { Description = "The network whose frames are made.", DefaultValueFactory = _ => "laptop-dvs", HelpName = "name" };
        var set = new Option<string[]>("--set", "-s") { Description = "Changes the network, such as TimeSteps=16; may be repeated.", HelpName = "key=value" };
        var command = new Verb("cache", "Decodes recordings into the frames of a network, once; 'msvit train --cache' reads them.",
            "msvit data cache --data recordings --cache frames", "msvit train --data recordings --cache frames");
        data.AddTo(command);
        command.Add(cache);
        command.Add(preset);
        command.Add(set);
        command.SetAction(parsed =>
        {
            var mlContext = new MLContext(seed: 1);
            var recordings = data.Open(parsed, mlContext, DataPart.Train);
            var network = Settings.Set(new() { Network = UsageException.Check(() => MsVitConfig.Preset(parsed.GetValue(preset)!)) }, parsed.GetValue(set) ?? []).Network;
            if (!recordings.IsEvents || network.Input != InputKind.Frames)
            {
                throw new UsageException(recordings.IsEvents ? $"The network {network.Name} takes no frames." : $"{recordings.Path} holds images; only recordings are cached as frames.");
            }
            var (done, unreadable) = (0, 0);
            _ = LiveBar.Show(parsed.InvocationConfiguration.Error, mlContext, "listing the recordings", bar => mlContext.Transforms.EventsToFrames(
                FrameOptions.Of(network, recordings.Sensor, parsed.GetValue(cache)) with
                {
                    CacheProgress = progress =>
                    {
                        bar.Move(progress.Done, progress.Total, $"{progress.Done} of {progress.Total} recordings");
                        // A line for every tenth part.
                        if (progress.Done * 10L / progress.Total > done * 10L / progress.Total)
                        {
                            bar.Line($"{progress.Done} of {progress.Total}");
                        }
                        (done, unreadable) = (progress.Done, progress.Unreadable);
                    },
                }).Fit(recordings.View));
            var bytes = Directory.EnumerateFiles(parsed.GetValue(cache)!, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
            parsed.InvocationConfiguration.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{recordings.View.GetRowCount()} recordings, {unreadable} unreadable; {bytes / 1e6:0.0} MB in {parsed.GetValue(cache)}."));
            return ExitCode.Success;
        });
        return command;
    }
}
