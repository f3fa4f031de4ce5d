using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit data cache</c>: decodes recordings into frames ahead of training.</summary>
internal static class DataCacheCommand
{
    public static Verb Create()
    {
        var data = new DataOptions();
        var cache = new Option<string>("--cache") { Description = "The folder for the frames.", Required = true, HelpName = "folder" };
        var preset = new Option<string>("--preset")
        {
            Description = "The network that the frames are for.",
            DefaultValueFactory = _ => "laptop-dvs",
            HelpName = "name",
        };
        var set = new Option<string[]>("--set", "-s")
        {
            Description = "Sets an option of the network, such as TimeSteps=16. May be repeated.",
            HelpName = "key=value",
        };
        var command = new Verb(
            "cache",
            "Decodes recordings into the frames of a network ahead of time, for 'msvit train --cache'.",
            "msvit data cache --data recordings --cache frames",
            "msvit train --data recordings --cache frames");
        data.AddTo(command);
        command.Add(cache);
        command.Add(preset);
        command.Add(set);
        command.SetAction(parsed =>
        {
            var mlContext = new MLContext(seed: 1);
            var recordings = data.Open(parsed, mlContext, DataPart.Train);
            var named = UsageException.Check(() => MsVitConfig.Preset(parsed.GetValue(preset)!));
            var network = Settings.Set(new() { Network = named }, parsed.GetValue(set) ?? []).Network;
            if (!recordings.IsEvents || network.Input != InputKind.Frames)
            {
                throw new UsageException(recordings.IsEvents
                    ? $"The network {network.Name} takes images, not frames."
                    : $"{recordings.Path} holds images; only recordings are cached as frames.");
            }
            var folder = parsed.GetValue(cache)!;
            var frames = FrameOptions.Of(
                network, recordings, folder, data.Reading.Undecodable(parsed) ?? UndecodableImagePolicy.Throw);
            recordings.WriteReading(parsed.InvocationConfiguration.Error);
            var unreadable = Fill(parsed.InvocationConfiguration.Error, mlContext, recordings.View, frames);
            var bytes = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
            parsed.InvocationConfiguration.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Counted.Of(recordings.View.GetRowCount() ?? 0, "recording")}, {unreadable} unreadable; {bytes / 1e6:0.0} MB in "
                + $"{folder}."));
            return ExitCode.Success;
        });
        return command;
    }

    private static int Fill(TextWriter error, MLContext mlContext, IDataView recordings, EventsToFramesOptions frames)
    {
        var (done, unreadable) = (0, 0);
        _ = LiveBar.Show(error, mlContext, "listing the recordings", bar =>
        {
            var reporting = frames with { CacheProgress = progress => Report(bar, progress) };
            return mlContext.Transforms.EventsToFrames(reporting).Fit(recordings);
        });
        return unreadable;

        void Report(LiveBar bar, EventCacheProgress progress)
        {
            bar.Move(progress.Done, progress.Total, $"{progress.Done} of {progress.Total} recordings");
            // A line for every tenth of the recordings.
            if (progress.Done * 10L / progress.Total > done * 10L / progress.Total)
            {
                bar.Line($"{progress.Done} of {progress.Total}");
            }
            (done, unreadable) = (progress.Done, progress.Unreadable);
        }
    }
}
