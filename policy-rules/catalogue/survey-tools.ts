/** Tools for asking parents and staff: surveys, forms, dates, votes in a training session. */
import { defineCategory } from './define-category.ts';

export const surveyTools = defineCategory(
  {
    id: 'survey-tools',
    name: 'Survey tools',
    clauses: ['7.1.2 by analogy'],
    social: true,
    inForceByDefault: false,
    defaultReason: 'Nurseries ask parents and staff with these; they can be switched on.',
    protected: false,
  },
  [
    {
      id: 'surveymonkey',
      name: 'SurveyMonkey',
      suffixes: 'surveymonkey.com surveymonkey.co.uk',
      hosts: 'surveymonkey-assets.s3.amazonaws.com',
    },
    { id: 'smartsurvey', name: 'SmartSurvey', suffixes: 'smartsurvey.co.uk smartsurvey.com' },
    { id: 'typeform', name: 'Typeform', suffixes: 'typeform.com' },
    { id: 'jotform', name: 'Jotform', suffixes: 'jotform.com' },
    { id: 'mentimeter', name: 'Mentimeter', suffixes: 'mentimeter.com menti.com' },
    { id: 'slido', name: 'Slido', suffixes: 'slido.com sli.do' },
    { id: 'doodle', name: 'Doodle', suffixes: 'doodle.com' },
    {
      id: 'poll-everywhere',
      name: 'Poll Everywhere',
      suffixes: 'polleverywhere.com pollev.com',
      notes: ['Google Forms and Microsoft Forms are left out: parts of the office suites.'],
    },
  ],
);
