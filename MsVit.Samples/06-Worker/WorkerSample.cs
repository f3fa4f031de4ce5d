using System.CommandLine;
using Microsoft.Extensions.Options;
using MsVit.MLNet.Hosting;

namespace MsVit.Samples.Worker;

/// <summary>A service that watches a folder for images or recordings and writes predictions as JSON lines.</summary>
internal static class WorkerSample
{
    public static Command Command()
    {
        var model = new Option<FileInfo>("--model") { Description = "The model.", Required = true };
        var folder = new Option<DirectoryInfo>("--folder") { Description = "The folder to watch.", Required = true };
        var output = new Option<FileInfo>("--output")
        {
            Description = "The file for predictions, one JSON object per line; existing lines are kept, and their files are not repeated.",
            DefaultValueFactory = _ => new("predictions.jsonl"),
        };
        var once = new Option<bool>("--once") { Description = "Stop once all existing files are classified." };
        var command = new Command(
            "worker",
            "Watches a folder and writes predictions as JSON lines, without losing or repeating a file.")
        {
            model, folder, output, once,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(folder)!.Exists)
            {
                throw new DirectoryNotFoundException($"There is no folder {parsed.GetValue(folder)!.FullName}.");
            }
            var builder = Host.CreateApplicationBuilder();
            builder.Services.AddMsVit(options => options.ModelPath = parsed.GetValue(model)!.FullName);
            builder.Services.AddSingleton(Options.Create(new FolderWorkerOptions(
                parsed.GetValue(folder)!.FullName, parsed.GetValue(output)!.FullName, parsed.GetValue(once))));
            builder.Services.AddHostedService<FolderWorker>();
            // Started files are finished before the application stops.
            builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(1));
            using var app = builder.Build();
            await app.RunAsync(cancellationToken);
            return Environment.ExitCode;
        });
        return command;
    }
}
