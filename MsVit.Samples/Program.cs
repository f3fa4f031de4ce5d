using System.CommandLine;
using MsVit.Samples;
using MsVit.Samples.Cifar10;
using MsVit.Samples.EventCamera;
using MsVit.Samples.FineTune;
using MsVit.Samples.QuickStart;
using MsVit.Samples.Sweep;
using MsVit.Samples.WebApi;
using MsVit.Samples.Worker;

// dotnet run --project MsVit.Samples [-- NAME [options]]: runs the sample of that name, the first one by default.
var root = new RootCommand("Samples of MsVit, in reading order. Without a name the first one runs.");
var quickStart = QuickStartSample.Command();
root.Add(quickStart);
root.Add(Cifar10Sample.Command());
root.Add(EventCameraSample.Command());
root.Add(SweepSample.Command());
root.Add(WebApiSample.Command());
root.Add(WorkerSample.Command());
root.Add(FineTuneSample.Command());
root.Add(PredictCommand.Command());
return new RootCommandLine(root, quickStart).Invoke(args);
