/** Chat and meetings for work. Off by default: a filter that breaks work is switched off within a week. */
import { defineCategory } from './define-category.ts';

export const workChat = defineCategory(
  {
    id: 'work-chat',
    name: 'Work chat and meetings',
    clauses: ['7.1.2 by analogy'],
    social: false,
    inForceByDefault: false,
    defaultReason: 'Meetings with the local authority and training run here; it can be switched on.',
    protected: false,
  },
  [
    {
      id: 'teams',
      name: 'Microsoft Teams for work',
      suffixes: 'teams.microsoft.com teams.cloud.microsoft teams.static.microsoft',
      hosts: 'teams.cdn.office.net',
      notes: [
        'skype.com is left out: Teams, Office and other products of Microsoft share its hosts.',
        'login.microsoftonline.com is left out: the sign-in of all of Microsoft 365.',
      ],
    },
    {
      id: 'slack',
      name: 'Slack',
      suffixes: 'slack.com slack-edge.com slack-msgs.com slack-imgs.com slack-files.com slackb.com',
    },
    { id: 'zoom', name: 'Zoom', suffixes: 'zoom.us zoom.com' },
    { id: 'google-chat', name: 'Google Chat and Meet', suffixes: 'chat.google.com meet.google.com' },
    { id: 'webex', name: 'Webex', suffixes: 'webex.com wbx2.com ciscospark.com' },
    { id: 'gotomeeting', name: 'GoTo Meeting', suffixes: 'gotomeeting.com goto.com' },
    { id: 'whereby', name: 'Whereby', suffixes: 'whereby.com' },
    { id: 'rocket-chat', name: 'Rocket.Chat', suffixes: 'rocket.chat' },
    { id: 'mattermost', name: 'Mattermost', suffixes: 'mattermost.com' },
  ],
);
